"""The district is accountable for a claim dispatched to its bureau."""

import pytest

from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import TENGZHOU, TENGZHOU_HOUSING


@pytest.mark.rule("R33")
def test_letters_and_lights_are_the_accountable_units_and_say_who_caused_them() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched(TENGZHOU_HOUSING)
    paper.until("Sat 2026-11-28 08:00")
    assert {light.colour for light in paper.claim.lights} == {"yellow", "red"}
    assert {(light.unit, light.caused_by) for light in paper.claim.lights} == {(TENGZHOU, TENGZHOU_HOUSING)}
    assert {letter.unit for letter in paper.claim.letters} == {TENGZHOU}
