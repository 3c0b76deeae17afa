"""The state of a period's assessment: draft, objections, answers, published editions."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from assessment.cases.model import CaseState
from assessment.editions.composition import OrganisationPoints
from assessment.editions.sampling import Reinterview
from assessment.facts.exclusions import Exclusion
from assessment.periods import Period, parse_period
from assessment.terms import ExclusionReason, Measure
from calendar_rules import local_day
from claims.model.values import Value


class PeriodStage(StrEnum):
    """The stage of a period's assessment."""

    WAITING = "waiting"
    """The period, or a month that it consists of, has not ended."""
    ASKING = "asking"
    """Re-interviews and points for organisation are awaited."""
    DRAFT = "draft"
    PUBLISHING = "publishing"
    PUBLISHED = "published"


STAGE_NAMES = {
    PeriodStage.WAITING: "待归集",
    PeriodStage.ASKING: "再回访、组织领导评分",
    PeriodStage.DRAFT: "草案",
    PeriodStage.PUBLISHING: "正在公布",
    PeriodStage.PUBLISHED: "已公布",
}


class Draft(Value):
    """A draft: its files, by their SHA-256, and the last day for objections."""

    made_at: datetime
    scheme: str
    edition: str
    """Hash of the canonical JSON."""
    facts: str = ""
    """Hash of the rows behind a month's figures."""
    basis: str = ""
    """Hash of the list of claims and journal lines that the rows were made from."""
    units: tuple[str, ...] = ()
    objections_until: date
    objections_due_at: datetime
    exclusions_until: date
    publication_day: date
    publication_due_at: datetime
    provisional: bool = False
    """Whether the calendar of one of these days was provisional."""
    built_on: Mapping[str, str] = {}
    """The months' published editions that a longer period was made from."""


class ObjectionEffect(StrEnum):
    """What follows from an objection that is upheld."""

    EXCLUDE = "exclude"
    """The claim, or one of its measures, leaves the unit's figures."""
    RECOUNT = "recount"
    """The figures are counted again before they are published."""


EFFECT_NAMES = {ObjectionEffect.EXCLUDE: "剔除", ObjectionEffect.RECOUNT: "重新归集数据"}


class ObjectionDecision(Value):
    """A coordinator's decision on an objection."""

    upheld: bool
    text: str
    effect: ObjectionEffect | None = None
    reason: ExclusionReason | None = None
    by: str
    at: datetime


class Objection(Value):
    """A unit says that a figure of its draft is wrong."""

    id: str
    unit: str
    claim: str
    measure: Measure | None = None
    text: str
    evidence: tuple[str, ...] = ()
    by: str
    at: datetime
    decision: ObjectionDecision | None = None


class PublishedEdition(Value):
    """A frozen edition: the hashes of its bytes, and what it changes in the one before."""

    edition: int
    hash: str
    facts: str = ""
    basis: str = ""
    gathered_at: datetime
    scheme: str
    published_at: datetime
    by: str
    reason: str = ""
    """The reason for the correction of the edition before it."""
    differences: tuple[str, ...] = ()
    more_differences: int = 0
    """Lines that only the comparison of the two editions contains."""
    exclusions: tuple[Exclusion, ...] = ()
    built_on: Mapping[str, str] = {}


class RecordedAnswer(Value):
    """An answer of a re-interview, with who recorded it."""

    answer: Reinterview
    by: str
    at: datetime


class RecordedPoints(Value):
    """Points for organisation, with who gave them."""

    points: OrganisationPoints
    by: str
    at: datetime


class Outstanding(Value):
    """What people must still provide before a longer period can be drafted."""

    seed: str = ""
    sample: Mapping[str, tuple[str, ...]] = {}
    points_for: tuple[str, ...] = ()
    most_points: Decimal = Decimal(0)


class PeriodState(CaseState):
    """Everything about a period."""

    period: str
    scheme: str = ""
    """A scheme that is used by its name; empty for the one in force."""
    stage: PeriodStage = PeriodStage.WAITING
    problem: str = ""
    """Why no draft could be made. It is tried again every day."""
    draft: Draft | None = None
    objections: list[Objection] = Field(default_factory=list)
    wanted: Outstanding = Outstanding()
    answers: list[RecordedAnswer] = Field(default_factory=list)
    points: list[RecordedPoints] = Field(default_factory=list)
    published: list[PublishedEdition] = Field(default_factory=list)
    overdue: bool = False
    """Its day of publication has passed, and it is not published."""
    publisher: str = ""
    """Who asked for the edition that is being made."""
    correcting: str = ""
    """Why a correction is being made; empty where none is."""

    @property
    def of(self) -> Period:
        """The period itself."""
        return parse_period(self.period)

    @property
    def newest(self) -> PublishedEdition | None:
        """The edition in force."""
        return self.published[-1] if self.published else None

    @property
    def undecided(self) -> list[Objection]:
        """Objections that wait for a decision."""
        return [one for one in self.objections if one.decision is None]

    @property
    def missing_answers(self) -> dict[str, list[str]]:
        """Claims of the sample whose enterprises have not been re-interviewed yet, by unit."""
        given = {(one.answer.unit, one.answer.claim) for one in self.answers}
        found = {
            unit: [claim for claim in claims if (unit, claim) not in given]
            for unit, claims in self.wanted.sample.items()
        }
        return {unit: claims for unit, claims in found.items() if claims}

    @property
    def sampled_answers(self) -> tuple[Reinterview, ...]:
        """Answers of the claims that are in the sample."""
        sampled = {claim for claims in self.wanted.sample.values() for claim in claims}
        return tuple(one.answer for one in self.answers if one.answer.claim in sampled)

    @property
    def missing_points(self) -> list[str]:
        """Units without points for organisation."""
        given = {one.points.unit for one in self.points}
        return [unit for unit in self.wanted.points_for if unit not in given]

    @property
    def is_answered(self) -> bool:
        """Whether everything that was asked for has been provided."""
        return not self.missing_answers and not self.missing_points

    @property
    def upheld_exclusions(self) -> tuple[Exclusion, ...]:
        """What upheld objections take out of the figures."""
        return tuple(
            Exclusion(
                claim=one.claim,
                unit=one.unit,
                measure=one.measure,
                reason=one.decision.reason,
                decided_on=local_day(one.decision.at),
                decision=one.decision.text,
            )
            for one in self.objections
            if one.decision and one.decision.effect is ObjectionEffect.EXCLUDE and one.decision.reason
        )

    @property
    def is_to_be_recounted(self) -> bool:
        """Whether an upheld objection requires a new count of the figures."""
        return any(
            one.decision is not None and one.decision.effect is ObjectionEffect.RECOUNT
            for one in self.objections
        )
