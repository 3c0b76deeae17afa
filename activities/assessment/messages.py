"""Messages between a period's workflow and its activities."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from assessment.cadence.model import Draft, Outstanding, PublishedEdition
from assessment.editions.composition import Drawn, OrganisationPoints
from assessment.editions.sampling import Reinterview
from assessment.facts.exclusions import Exclusion

DRAFT_ASSESSMENT = "draft_assessment"
MAKE_EDITION = "make_edition"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DraftRequest(_Message):
    """Make a period's draft, or say what is missing."""

    period: str
    scheme: str = ""
    at: AwareDatetime
    answers: tuple[Reinterview, ...] = ()
    points: tuple[OrganisationPoints, ...] = ()


class DraftMade(_Message):
    """A draft, the answers still required, or the reason why there is none."""

    draft: Draft | None = None
    wanted: Outstanding | None = None
    problem: str = ""


class EditionRequest(_Message):
    """Make the bytes of an edition. `draft`: the one that is published; `recount`: gather the rows again.
    `before`: the edition that is corrected.
    """

    period: str
    scheme: str = ""
    at: datetime
    edition: int = 1
    draft: Draft
    recount: bool = False
    upheld: tuple[Exclusion, ...] = ()
    before: PublishedEdition | None = None
    answers: tuple[Reinterview, ...] = ()
    points: tuple[OrganisationPoints, ...] = ()
    drawn: Drawn | None = None


class EditionMade(_Message):
    """An edition and its units, or the reason why there is none."""

    edition: PublishedEdition | None = None
    units: tuple[str, ...] = ()
    problem: str = ""


class EditionNote(_Message):
    """A published edition, as a workflow of its own hands it to the archive's chain: all that it takes, with the claims'
    histories, to make it again."""

    period: str
    published: PublishedEdition
    upheld: tuple[Exclusion, ...] = ()
    answers: tuple[Reinterview, ...] = ()
    points: tuple[OrganisationPoints, ...] = ()
    drawn: Drawn | None = None
