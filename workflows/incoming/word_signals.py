"""The signals that other workflows send to a claim: what they say, not what people do.

A handler only puts what came into the inbox. No exception leaves a handler: it would block the claim's tasks.
"""

from collections.abc import Callable
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.workflow_ids import MATTERS_REGISTERED, REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED
    from workflows.incoming.action_signals import Workflow
    from workflows.incoming.inbox import Inbox
    from workflows.incoming.message_contents import NO_ARGUMENT

Enqueue = Callable[[Inbox, RawValue], None]

WORDS: Final[tuple[tuple[str, Enqueue, str], ...]] = (
    ("recompute_limits", Inbox.enqueue_calendar, "日历有更新，重新计算时限（R1、R6）。可不带参数"),
    ("adopt_edition", Inbox.enqueue_edition, "采用新的规定版本（R7）；不由人工发送"),
    (REVOKE_LIGHT, Inbox.enqueue_revocation, "单位台账撤销一块亮牌（R37）；不由人工发送"),
    (TAKE_OVER, Inbox.enqueue_take_over, "另一工单请求并入本工单（R48）；不由人工发送"),
    (TAKE_OVER_ANSWERED, Inbox.enqueue_take_over_answer, "对并案请求的答复（R48）；不由人工发送"),
    (MATTERS_REGISTERED, Inbox.enqueue_matters, "拆分的事项已登记（R49）；不由人工发送"),
)
"""Name, where it goes, and what the Temporal UI says of it."""


def with_word_signals(cls: type[Workflow]) -> type[Workflow]:
    """Give a workflow class one signal for each word."""
    for name, enqueue, description in WORDS:
        setattr(cls, f"on_{name}", _handler(name, enqueue, description))
    return cls


def _handler(name: str, enqueue: Enqueue, description: str) -> Callable[..., None]:
    class Receiver:
        """Where the handler is defined: the SDK reads a signal's parameters from a method without a typed `self`."""

        inbox: Inbox

        @workflow.signal(name=name, description=description)
        def handle(self, message: RawValue = NO_ARGUMENT) -> None:
            enqueue(self.inbox, message)

    return Receiver.handle
