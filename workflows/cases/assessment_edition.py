"""A workflow that holds a published edition, so that its history enters the archive's chain (R62)."""

from typing import Final

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.assessment.messages import EditionNote
    from activities.workflow_ids import edition_workflow_id

ASSESSMENT_EDITION: Final = "AssessmentEdition"


@workflow.defn(name=ASSESSMENT_EDITION)
class AssessmentEditionWorkflow:
    """Ends at once, so that the archive's next sweep includes the edition's hash."""

    @workflow.run
    async def run(self, note: EditionNote) -> str:
        """The edition's hash."""
        return note.published.hash


async def note_edition(note: EditionNote) -> None:
    """Start it as a child of the period's workflow, once."""
    try:
        await workflow.execute_child_workflow(
            ASSESSMENT_EDITION,
            note,
            id=edition_workflow_id(note.period, note.published.edition),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            static_summary=f"{note.period} 第{note.published.edition}期",
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.warning("edition-noted-before")
