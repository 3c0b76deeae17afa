"""The signals that other workflows send to a claim."""

from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.workflow_ids import MATTERS_REGISTERED, REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED
    from workflows.incoming.action_signals import Enqueue, Workflow, handler
    from workflows.incoming.inbox import Inbox

WORDS: Final[tuple[tuple[str, Enqueue, str], ...]] = (
    ("recompute_limits", Inbox.enqueue_calendar, "日历有更新，重新计算时限（R1、R6）。可不带参数"),
    ("adopt_edition", Inbox.enqueue_edition, "采用新的规定版本（R7）；不由人工发送"),
    (REVOKE_LIGHT, Inbox.enqueue_revocation, "单位台账撤销一块亮牌（R37）；不由人工发送"),
    (TAKE_OVER, Inbox.enqueue_take_over, "另一工单请求并入本工单（R48）；不由人工发送"),
    (TAKE_OVER_ANSWERED, Inbox.enqueue_take_over_answer, "对并案请求的答复（R48）；不由人工发送"),
    (MATTERS_REGISTERED, Inbox.enqueue_matters, "拆分的事项已登记（R49）；不由人工发送"),
)
"""The signal's name, the inbox's method, and the description in the Temporal UI."""


def with_workflow_signals(cls: type[Workflow]) -> type[Workflow]:
    """Give a workflow class these signals."""
    for name, enqueue, description in WORDS:
        setattr(cls, f"on_{name}", handler(name, description, enqueue))
    return cls
