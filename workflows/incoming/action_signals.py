"""The signals that people's actions arrive by: one for each action, named as the API names it.

A handler only puts what came into the inbox. No exception leaves a handler: it would block the claim's tasks.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.workflow_ids import signal_name
    from claims.model.terms import Action
    from workflows.incoming.inbox import Inbox
    from workflows.incoming.message_contents import NO_ARGUMENT

DESCRIPTIONS: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.ANSWER: "即时答复（R12）",
        Action.DECLINE: "不予受理（R13）",
        Action.DISPATCH: "派单（R14）",
        Action.SIGN_FOR: "签收（R20）",
        Action.REJECT: "退单（R15）",
        Action.REDETERMINE: "重新核定承办单位（R15）",
        Action.REFER: "提请裁定（R15）",
        Action.ARBITRATE: "裁定承办单位（R16）",
        Action.CONTACT: "登记核实联系（§二.四.1）",
        Action.REPLY: "答复企业（§二.四.2）",
        Action.FEEDBACK: "反馈办理结果（R18）",
        Action.PROGRESS: "登记进展",
        Action.DELEGATE: "转下级办理（R21）",
        Action.REQUEST_EXTENSION: "申请延期（R17）",
        Action.DECIDE_EXTENSION: "审核延期（R17）",
        Action.CALL_BACK: "登记回访（R40）",
        Action.REVIEW_FORM: "报送不满意诉求审核反馈表（R44）",
        Action.VERIFY: "核实（R18、R44、R45）",
        Action.CONFIRM_FALSE_FEEDBACK: "认定虚假反馈（R52）",
        Action.MERGE: "并案（R48）",
        Action.REOPEN: "重新打开（R41）",
        Action.REMIND: "催办（R46）",
        Action.SUPPLEMENT: "补充材料（R46）",
        Action.WITHDRAW: "撤回诉求（R47）",
        Action.SPLIT: "拆分（R49）",
        Action.REPORT_PART: "报送协办情况（R22）",
    }
)
"""The description of each signal in the Temporal UI."""


class HasInbox(Protocol):
    """A workflow that keeps an inbox."""

    inbox: Inbox


Workflow = TypeVar("Workflow", bound=HasInbox)
Enqueue = Callable[[Inbox, RawValue], None]


def with_action_signals(cls: type[Workflow]) -> type[Workflow]:
    """Give a workflow class one signal for each action. Bodies are `claims.model.messages.action_bodies`."""
    for action, description in DESCRIPTIONS.items():
        name = signal_name(action)
        setattr(cls, f"on_{name}", handler(name, description, _enqueue(name, action)))
    return cls


def _enqueue(name: str, action: Action) -> Enqueue:
    return lambda inbox, message: inbox.enqueue_action(name, action, message)


def handler(name: str, description: str, enqueue: Enqueue) -> Callable[..., None]:
    """Return a signal's handler: what came goes into the inbox, and no exception leaves it."""

    class Receiver:
        """The class in which handlers are defined: the SDK reads a signal's parameters from a method without a typed `self`."""

        inbox: Inbox

        @workflow.signal(name=name, description=description)
        def handle(self, message: RawValue = NO_ARGUMENT) -> None:
            enqueue(self.inbox, message)

    return Receiver.handle
