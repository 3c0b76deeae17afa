"""A period's summary for administrators in the Temporal UI."""

from assessment.cadence.model import STAGE_NAMES, PeriodState
from claims.model.labels import end_of


def period_ui_summary(state: PeriodState) -> str:
    """Markdown: the stage, what holds it up, dates, objections, editions with their hashes."""
    lines = [f"**{state.period}**　{STAGE_NAMES[state.stage]}"]
    if state.problem:
        lines.append(state.problem)
    if draft := state.draft:
        lines.append(f"异议截止：{end_of(draft.objections_until, draft.objections_due_at)}")
        lines.append(f"应公布日：{draft.publication_day}")
    if state.objections:
        lines.append(f"异议{len(state.objections)}项，待核定{len(state.undecided)}项")
    lines += [f"第{one.edition}期　`{one.hash}`" for one in state.published]
    return "\n\n".join(lines)
