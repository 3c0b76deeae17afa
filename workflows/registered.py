"""All workflow classes, for the worker that runs them and the audit that replays them."""

from typing import Final

from workflows.archive import ArchiveSweepWorkflow
from workflows.calendar_update import CalendarUpdateWorkflow
from workflows.cases.assessment import AssessmentWorkflow
from workflows.cases.assessment_edition import AssessmentEditionWorkflow
from workflows.cases.assessment_schedule import AssessmentStartWorkflow
from workflows.cases.clue import ClueWorkflow
from workflows.cases.exclusion import ExclusionWorkflow
from workflows.cases.meeting import MeetingWorkflow
from workflows.claim import ClaimWorkflow
from workflows.edition_update import EditionUpdateWorkflow
from workflows.failing_activities import FailingActivitiesWorkflow
from workflows.unit import UnitWorkflow

WORKFLOWS: Final = (
    ClaimWorkflow,
    UnitWorkflow,
    CalendarUpdateWorkflow,
    EditionUpdateWorkflow,
    ArchiveSweepWorkflow,
    FailingActivitiesWorkflow,
    AssessmentWorkflow,
    AssessmentEditionWorkflow,
    AssessmentStartWorkflow,
    ExclusionWorkflow,
    ClueWorkflow,
    MeetingWorkflow,
)
