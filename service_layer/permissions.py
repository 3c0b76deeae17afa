"""Which roles may use an operation, and which claims and units a caller may see (§1).

Whether an action is possible on a claim now is decided by `claims.lifecycle` alone.
"""

from typing import Final

from claims.lifecycle import UNIT, roles_for
from claims.lookup.unit_tree import Organisation
from claims.model.labels import label, role_refusal
from claims.model.messages.unit_action_bodies import UNIT_ROLES, UNIT_RULES, UnitAction
from claims.model.terms import Action, Role
from claims.model.values import Actor
from claims.need_to_know import CONTACT_ROLES, sees_every_claim
from records.queries.filters import Sight
from records.queries.names import NameSight
from service_layer.errors import ErrorKind, ServiceError

ROLES_RULE: Final = "§1"

REGISTRARS: Final = (Role.OPERATOR, Role.CALLER, Role.CHANNEL, Role.ENTERPRISE)
"""The desk, the hotline, source systems under their own numbers, and enterprises for themselves."""
CHANNEL_READERS: Final = (Role.CHANNEL, Role.OPERATOR, Role.SUPERVISOR, Role.COORDINATOR, Role.AUDITOR)
"""A source system for its own claims, and the platform for all (R10)."""
UPLOADERS: Final = tuple(
    role for role in Role if role not in (Role.AUDITOR, Role.ADMIN, Role.CHANNEL, Role.CONSOLE)
)
"""Auditors change nothing, administrators do not decide claims."""
PUBLISHERS: Final = (Role.COORDINATOR, Role.ADMIN)
"""Roles that publish holiday arrangements."""
NOTICE_READERS: Final = (Role.ADMIN, Role.AUDITOR, Role.COORDINATOR, Role.INSPECTOR)
ASSESSMENT_READERS: Final = (
    Role.COORDINATOR,
    Role.INSPECTOR,
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.ADMIN,
)
"""Roles that read every unit's figures before publication (R62); a unit reads its own."""
ASSESSMENT_STARTERS: Final = (Role.COORDINATOR, Role.ADMIN)
"""Roles that start a period by hand (R62)."""
EXCLUSION_READERS: Final = (*ASSESSMENT_READERS, Role.HANDLER, Role.HEAD)
"""R65: a unit reads its own applications; the enterprise's side sees nothing of them."""
CLAIM_AUDITORS: Final = (Role.AUDITOR, Role.COORDINATOR, Role.INSPECTOR)
"""Auditors, and the leadership group's readers."""
ACCOUNTABILITY_READERS: Final = (Role.SUPERVISOR, Role.COORDINATOR, Role.INSPECTOR, Role.AUDITOR)
"""R36: for whom an accountability file is made; the unit that it is about is not among them."""


def require_role(actor: Actor, *roles: Role, what: str, rule: str = ROLES_RULE) -> None:
    """Raise a FORBIDDEN error unless the actor holds one of the roles. `what`: the operation, in Chinese."""
    if not actor.has(*roles):
        reason, instead = role_refusal(what, roles)
        raise ServiceError(ErrorKind.FORBIDDEN, reason, rule=rule, instead=instead)


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
    """Raise a FORBIDDEN error for a caller who is an enterprise or a source system and nothing else."""
    if is_outside(actor):
        names = "、".join(label(role) for role in actor.roles)
        raise ServiceError(ErrorKind.FORBIDDEN, f"{names}不能{what}", rule=ROLES_RULE)


def is_outside(actor: Actor) -> bool:
    """Return whether the actor is no official: an enterprise, a source system, or both."""
    return set(actor.roles) <= {Role.ENTERPRISE, Role.CHANNEL}


def is_only_enterprise(actor: Actor) -> bool:
    """Return whether the actor is an enterprise and holds no other role."""
    return set(actor.roles) == {Role.ENTERPRISE}


def is_only_channel(actor: Actor) -> bool:
    """Return whether the actor is a source system and holds no other role."""
    return set(actor.roles) == {Role.CHANNEL}


def visible_claims(actor: Actor) -> Sight | None:
    """Return which claims a list shows to an actor, by the same rule as `may_see`. None: all of them."""
    if sees_every_claim(actor):
        return None
    unit = actor.unit.id if actor.unit is not None and actor.has(*UNIT) else ""
    if not actor.has(Role.ENTERPRISE):
        return Sight(unit=unit)
    return Sight(unit=unit, credit_code=actor.credit_code, account=actor.sub)


def names_seen(actor: Actor) -> NameSight | None:
    """Whose names an actor may search for, by the same rule as `sees_contacts_of_row`. None: everybody's."""
    path = actor.unit.path if actor.unit is not None else ()
    if actor.has(*CONTACT_ROLES):
        return NameSight(all=True, path=path) if path else None
    handles = bool(path) and actor.has(*UNIT) and not sees_every_claim(actor)
    if not actor.has(Role.ENTERPRISE):
        return NameSight(handles=handles, path=path)
    return NameSight(handles=handles, path=path, credit_code=actor.credit_code, account=actor.sub)


def sees_unit(organisation: Organisation, unit: str, actor: Actor) -> bool:
    """Return whether an actor may see what concerns a unit: who sees all claims, the unit itself, those above it."""
    sight = visible_claims(actor)
    return sight is None or (bool(sight.unit) and organisation.is_at_or_below(unit, sight.unit))
