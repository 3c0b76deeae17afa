"""Who may see a claim, and whose contact data (§1, R53, R54, R70): role by relation, and no other module
decides it.

An enterprise is its credit code, or the account that registered the claim where there is no code; never its
name. A unit sees a claim while it is its own. Contact data are shown to the hotline, and to units while they
handle the claim.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Protocol

from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.organisation import UnitRef
from claims.model.terms import Role, Stage
from claims.model.values import Actor
from claims.text.normalisation import name_key
from claims.text.phones import message_number

PLATFORM_ROLES: Final = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.CALLER,
    Role.ARBITER,
    Role.COORDINATOR,
    Role.INSPECTOR,
    Role.AUDITOR,
    Role.ADMIN,
    Role.CONSOLE,
)
"""Roles that see every claim."""
CONTACT_ROLES: Final = (Role.OPERATOR, Role.SUPERVISOR, Role.CALLER, Role.AUDITOR)
"""Roles that need the contact data of every claim: the hotline, the platform, and those who check (R54)."""
UNIT_ROLES: Final = (Role.HANDLER, Role.HEAD)
_UNDECIDED: Final = frozenset({Stage.REDETERMINATION, Stage.ARBITRATION})
"""Stages in which the unit has given the claim back and it is nobody's yet."""


class Relation(StrEnum):
    """The relation of a unit or an enterprise to a claim."""

    OWNER = "owner"
    LEAD = "lead"
    """The lead unit, its delegate, or a unit above one of them."""
    CO_UNIT = "co-unit"
    """A co-unit of the current dispatch, or a unit above one."""
    FORMER = "former"
    """A unit of an earlier dispatch."""
    COMPLAINED_OF = "complained-of"
    """The unit that the complaint is about, or one below it (R53)."""
    NONE = "none"


class Owned(Protocol):
    """The fields that identify a claim's owner."""

    @property
    def credit_code(self) -> str: ...

    @property
    def account(self) -> str: ...


def relation(claim: Claim, actor: Actor) -> Relation:
    """Return the actor's relation; the one that forbids most comes first."""
    if is_complained_of(claim.order, actor):
        return Relation.COMPLAINED_OF
    if is_owner(claim, actor):
        return Relation.OWNER
    if actor.unit is None or not actor.has(*UNIT_ROLES):
        return Relation.NONE
    dispatch, unit = claim.dispatch, actor.unit
    if dispatch is not None and is_above(unit, (dispatch.acting, dispatch.unit)):
        return Relation.LEAD
    if dispatch is not None and is_above(unit, (part.unit for part in dispatch.co_units)):
        return Relation.CO_UNIT
    return Relation.FORMER if is_above(unit, units_ever(claim)) else Relation.NONE


def is_owner(claim: Claim, actor: Actor) -> bool:
    """Return whether the actor is the claim's enterprise, by its account or by a one-time code for this claim
    (R39).
    """
    by_code = actor.has(Role.ENTERPRISE) and claim.number in actor.claims
    return by_code or owns(claim.order, actor)


def owns(order: Owned, actor: Actor) -> bool:
    """Return whether the actor is the enterprise of this work order, by the code or, if the order has none,
    by the account.
    """
    if not actor.has(Role.ENTERPRISE):
        return False
    if order.credit_code:
        return actor.credit_code == order.credit_code
    return bool(order.account) and actor.sub == order.account


def is_same_enterprise(one: WorkOrder, other: WorkOrder) -> bool:
    """R48: two orders of one enterprise: by their codes where both have one, else by the names as they are compared; but two
    accounts are two enterprises, whatever they call themselves (§1)."""
    if one.credit_code and other.credit_code:
        return one.credit_code == other.credit_code
    if one.account and other.account and one.account != other.account:
        return False
    return name_key(one.enterprise) == name_key(other.enterprise)


def is_surely_same_enterprise(one: WorkOrder, other: WorkOrder) -> bool:
    """§1: do two orders share what an enterprise is known by, or the phone that its codes go to? A name is not enough."""
    known = ((one.credit_code, other.credit_code), (one.account, other.account))
    if any(mine and mine == theirs for mine, theirs in known):
        return True
    phone = message_number(one.phone)
    return bool(phone) and phone == message_number(other.phone)


def is_complained_of(order: WorkOrder, actor: Actor) -> bool:
    """R53: is the actor of the unit complained of, or of one below it?"""
    about = order.complained_of
    return about is not None and actor.unit is not None and about.id in actor.unit.path


def sees_every_claim(actor: Actor) -> bool:
    """The city platform sees all claims."""
    return actor.has(*PLATFORM_ROLES)


def may_see(claim: Claim, actor: Actor) -> bool:
    """The city platform sees all claims, a unit those that are its own or of units below it, an enterprise
    its own.
    """
    return sees_every_claim(actor) or relation(claim, actor) in (
        Relation.OWNER,
        Relation.LEAD,
        Relation.CO_UNIT,
    )


def sees_contacts(claim: Claim, actor: Actor) -> bool:
    """R54: may the actor see the enterprise, its contact and phone, and words that give them away?"""
    found = relation(claim, actor)
    if found is Relation.COMPLAINED_OF:
        return False
    if actor.has(*CONTACT_ROLES) or found is Relation.OWNER:
        return True
    if found is Relation.LEAD and claim.awaits_explanation:
        return True
    handles = found in (Relation.LEAD, Relation.CO_UNIT)
    return handles and claim.closed is None and claim.stage not in _UNDECIDED


class Row(Protocol):
    """The facts in a list about a claim that the actor may see."""

    @property
    def stage(self) -> Stage: ...

    @property
    def credit_code(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def complained_of(self) -> str: ...


def sees_contacts_of_row(row: Row, actor: Actor) -> bool:
    """R54: the same for a line of a list, whose units are the claim's own ones. A closed claim's are not shown, though an
    explanation be awaited."""
    if row.complained_of and actor.unit is not None and row.complained_of in actor.unit.path:
        return False
    if actor.has(*CONTACT_ROLES) or owns(row, actor):
        return True
    handles = actor.has(*UNIT_ROLES) and actor.unit is not None and not sees_every_claim(actor)
    return handles and row.stage is not Stage.CLOSED and row.stage not in _UNDECIDED


def saw_formerly(claim: Claim, actor: Actor) -> bool:
    """Policies before `need_to_know`: a unit sees what it ever had, an enterprise what bears its name."""
    if actor.has(*UNIT_ROLES) and actor.unit is not None and is_above(actor.unit, units_ever(claim)):
        return True
    return actor.has(Role.ENTERPRISE) and actor.name == claim.order.enterprise


def units_ever(claim: Claim) -> Iterable[UnitRef]:
    """Yield the units that act or acted for the claim."""
    for dispatch in claim.dispatches:
        yield dispatch.acting
        yield from (co_unit.unit for co_unit in dispatch.co_units)


def is_above(unit: UnitRef, others: Iterable[UnitRef]) -> bool:
    """Return whether the unit is one of the others, or above one."""
    return any(unit.id in other.path for other in others)
