"""The sample claims of the tests of the records."""

from claims.model.terms import Stage
from tests.support.records.sample_steps import story


def test_the_story_has_what_the_records_must_hold() -> None:
    claim = story()[-1].claim
    assert claim.stage is Stage.HANDLING
    assert {light.colour.value for light in claim.lights} == {"yellow", "red"}
    assert claim.letters
    assert story()[-1].outcomes[0].status == "refused"
