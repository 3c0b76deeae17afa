"""What a message holds may be anything: reading it raises nothing but ValueError, which every handler expects."""

import pytest
from pydantic import BaseModel

from activities.delivery import Delivery
from assessment.cases.model import CaseEnvelope
from claims.deadlines.recalculation import NewCalendar, NewEdition
from claims.model.linked_claims import MattersRegistered, TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import LightRevoked, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.unit_account import AccountLight, Cause
from tests.support.claims.people import SUPERVISOR, ref
from workflows.messages import Opening

pytestmark = pytest.mark.rule("R10")

ODD: tuple[object, ...] = (
    *(None, True, -1, 10**400, 1e308, float("nan"), "", "\x00", "\ud800", "9999-12-31T23:59:59Z"),
    *([], {}, [[]], [{}], {"": {}}, ["c 2026-11-24"], [["2026-11-24", 1]], {"on": []}),
)
INNER: dict[str, object] = {
    "actor": SUPERVISOR.model_dump(mode="json"),
    "policy": DEFAULT_POLICY.model_dump(mode="json"),
    "schedules": {"1/1/contact": {"question": "q", "schedule": {"last_day": "2026-11-24"}}},
    "units": {"ZZ-GD": ref("ZZ-GD").model_dump(mode="json", exclude_defaults=True)},
    "revocation": {"at": "2026-11-24T09:00:00Z", "reason": "r", "actor": {"sub": "s"}},
}
"""What some fields hold as it should be, so that the odd value stands inside it."""


def variants(given: object) -> list[object]:
    """Return the same once for each place in it and each odd value there."""
    odd: list[object] = [*ODD]
    if isinstance(given, dict):
        odd += [{**given, name: one} for name, inner in given.items() for one in variants(inner)]
    if isinstance(given, list):
        odd += [[one] for inner in given[:1] for one in variants(inner)]
    return odd


@pytest.mark.parametrize(
    "kind",
    [
        *(Envelope, UnitEnvelope, CaseEnvelope, Delivery, Opening, NewCalendar, NewEdition),
        *(TakeOver, TakeOverAnswer, MattersRegistered, LightRevoked, AccountLight, Cause),
    ],
)
def test_no_value_in_any_place_of_a_message_raises_anything_else(kind: type[BaseModel]) -> None:
    usual: dict[str, object] = {name: INNER.get(name, "x") for name in kind.model_fields}
    for given in variants(usual):
        try:
            kind.model_validate(given)
        except ValueError:
            continue
