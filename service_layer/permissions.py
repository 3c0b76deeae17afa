"""Which roles may use an operation, and which claims and units a caller may see (§1).

Whether an action is possible on a claim now is decided by `claims.lifecycle` alone.
"""

from typing import Final

from claims.lifecycle import UNIT, roles_for, sees_every_claim
from claims.model.labels import label
from claims.model.organisation import Organisation
from claims.model.terms import Action, Role
from claims.model.unit_action_bodies import UNIT_ROLES, UNIT_RULES, UnitAction
from claims.model.values import Actor
from records.queries.filters import Sight
from service_layer.errors import ErrorKind, ServiceError

ROLES_RULE: Final = "§1"

REGISTRARS: Final = (Role.OPERATOR, Role.CALLER, Role.ENTERPRISE)
"""The desk, the hotline, and enterprises for themselves."""
UPLOADERS: Final = tuple(role for role in Role if role not in (Role.AUDITOR, Role.ADMIN, Role.CONSOLE))
"""Auditors change nothing, administrators do not decide claims."""
PUBLISHERS: Final = (Role.COORDINATOR, Role.ADMIN)
"""Who publishes holiday arrangements."""
NOTICE_READERS: Final = (Role.ADMIN, Role.AUDITOR, Role.COORDINATOR, Role.INSPECTOR)
ASSESSMENT_READERS: Final = (
    Role.COORDINATOR,
    Role.INSPECTOR,
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.ADMIN,
)
"""Who reads every unit's figures before they are published (R62); a unit reads its own."""
ASSESSMENT_STARTERS: Final = (Role.COORDINATOR, Role.ADMIN)
"""Who starts a period by hand, as its schedule does (R62)."""
EXCLUSION_READERS: Final = (*ASSESSMENT_READERS, Role.HANDLER, Role.HEAD)
"""R65: a unit reads its own applications; the enterprise's side sees nothing of them."""
CLAIM_AUDITORS: Final = (Role.AUDITOR, Role.COORDINATOR, Role.INSPECTOR)
"""Auditors, and the leadership group's readers."""
ACCOUNTABILITY_READERS: Final = (Role.SUPERVISOR, Role.COORDINATOR, Role.INSPECTOR, Role.AUDITOR)
"""R36: for whom an accountability file is made; the unit that it is about is not among them."""
CONTACT_READERS: Final = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.CALLER,
    Role.HANDLER,
    Role.HEAD,
    Role.AUDITOR,
)
"""Who needs an enterprise's contact data for the work (R70); an enterprise has its own."""


def require_role(actor: Actor, *roles: Role, what: str, rule: str = ROLES_RULE) -> None:
    """Raise a FORBIDDEN error unless the actor holds one of the roles. `what`: the operation, in Chinese."""
    if not actor.has(*roles):
        names = "、".join(label(role) for role in roles if role is not Role.CONSOLE)
        raise ServiceError(ErrorKind.FORBIDDEN, f"您的身份不能{what}", rule=rule, instead=f"请由{names}办理")


def require_action_role(actor: Actor, action: Action) -> None:
    """Raise a FORBIDDEN error for a role that may never perform this action."""
    allowed = roles_for(action)
    require_role(actor, *(role for role in Role if role in allowed), what=label(action))


def require_unit_action_role(actor: Actor, action: UnitAction) -> None:
    """Raise a FORBIDDEN error for a role that may never perform this action on a unit (R35-R37)."""
    allowed = UNIT_ROLES[action]
    roles = (role for role in Role if role in allowed)
    require_role(actor, *roles, what="办理此事项", rule=UNIT_RULES[action])


def refuse_enterprises(actor: Actor, *, what: str) -> None:
    """Raise a FORBIDDEN error for a caller who is an enterprise and nothing else."""
    if is_only_enterprise(actor):
        raise ServiceError(ErrorKind.FORBIDDEN, f"企业不能{what}", rule=ROLES_RULE)


def is_only_enterprise(actor: Actor) -> bool:
    """Whether the actor is an enterprise and holds no other role."""
    return set(actor.roles) == {Role.ENTERPRISE}


def visible_claims(actor: Actor) -> Sight | None:
    """Which claims a list shows to an actor, by the same rule as `may_see`. None: all of them."""
    if sees_every_claim(actor):
        return None
    unit = actor.unit.id if actor.unit is not None and actor.has(*UNIT) else ""
    return Sight(unit=unit, enterprise=actor.name if actor.has(Role.ENTERPRISE) else "")


def sees_unit(organisation: Organisation, unit: str, actor: Actor) -> bool:
    """Whether an actor may see what concerns a unit: who sees all claims, the unit itself, those above it."""
    sight = visible_claims(actor)
    return sight is None or (bool(sight.unit) and organisation.is_at_or_below(unit, sight.unit))


def reads_contacts(actor: Actor, enterprise: str) -> bool:
    """Whether the actor may read this enterprise's name, contact and phone (R70)."""
    return actor.has(*CONTACT_READERS) or (actor.has(Role.ENTERPRISE) and actor.name == enterprise)
