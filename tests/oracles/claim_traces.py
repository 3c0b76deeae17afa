"""Full traces of claims, line by line: actions, journal, notices, papers, and the limits at the end.

`python -m tests.oracles.claim_traces` writes them into `journals/`. The files are an oracle only because
people have compared them with the rulebook: read every line that changes.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from claims.model.limit import Limit
from claims.model.terms import Action, Category, Role
from claims.model.values import CONSOLE, Actor
from claims.transition import Transition
from tests.oracles.trace_format import VERSION, minute
from tests.oracles.unit_traces import UNIT_TRACES, TracedAccount
from tests.support.claims.calendars import calendar_with
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    COORDINATOR,
    ENTERPRISE,
    HANDLER,
    HEAD,
    HOUSING,
    OPERATOR,
    POWER,
    SPJ,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
)

FOLDER: Final = Path(__file__).with_name("journals")
DISTRICT: Final = person(Role.HANDLER, TENGZHOU)
BUREAU: Final = person(Role.HANDLER, TENGZHOU_HOUSING)
RECORDED: Final[Any] = {
    "dispatches": {
        "__all__": {"n", "basis", "origin", "delivered_at", "signed_for_at", "confirmed_at", "ended_at"}
    },
    **dict.fromkeys(("contacts", "replies", "extension", "feedbacks", "call_backs", "reviews"), True),
    **dict.fromkeys(("verifications", "explained_at", "disputed_at", "false_feedback"), True),
    **dict.fromkeys(("merged_into", "called_back_from", "reminders", "supplements"), True),
}
RECORDED_OF_A_LIMIT: Final = {
    *("of", "fix_wanted", "paused_at", "rerun_from", "floor_from"),
    *("warned", "reminders", "escalated", "recount"),
}
REST_DAYS: Final[dict[str, object]] = {
    "published": "2026-12-01",
    "source": "虚构的通知，仅供测试",
    "days_off": ["2026-11-30", "2026-12-04"],
    "make_up_days": [],
}


class TracedClaim(Paper):
    """A claim with its trace."""

    def __init__(self, start: str = "Tue 2026-11-24 09:00", category: Category = Category.HELP) -> None:
        self.lines: list[str] = []
        super().__init__(start, category=category)

    def adopt(self, step: Transition) -> None:
        """Add the transition to the trace, before the limits that it starts are scheduled."""
        notified: dict[str, list[str]] = {}
        for notice in step.notices:
            notified.setdefault(notice.id.rpartition("/")[0], []).append(notice.unit)
        for entry in step.entries:
            units = notified.get(f"{step.claim.number}/{entry.seq}", [])
            self.lines.append(f"{minute(entry.at)} {entry.kind} [{' '.join(entry.rules)}] {entry.text}")
            self.lines += [f"    notice to {', '.join(units)}"] if units else []
            self.lines += [f"    {json.dumps(entry.data, ensure_ascii=False)}"] if entry.data else []
        self.lines += [f"    task {task.kind} {task.id}" for task in step.background_tasks]
        super().adopt(step)

    def act(self, action: Action, actor: Actor, **fields: object) -> "TracedClaim":
        """Perform an action and add its result to the trace."""
        self.lines.append(f"{minute(self.now)} {actor.name}: {action}")
        outcome = self.do(action, actor, **fields)
        if outcome.status == "refused":
            self.lines.append(
                f"    refused {outcome.rule} {outcome.kind}: {outcome.reason}（{outcome.instead}）"
            )
        return self

    def after(self, text: str) -> "TracedClaim":
        """Let time pass."""
        self.until(text)
        return self

    @property
    def story(self) -> str:
        """Return the trace and the claim's final state."""
        claim = self.claim
        closed = f"closed {claim.closed.reason}" if claim.closed else "not closed"
        end = [
            f"stage {claim.stage}, round {claim.round}, over {claim.over}, {closed}",
            *(f"{minute(x.at)} {x.colour} {x.limit}: {x.unit}, by {x.caused_by}" for x in claim.lights),
        ]
        state = claim.model_dump(mode="json", include=RECORDED, exclude_defaults=True)
        end += [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in state.items()]
        return VERSION.sub("cn", "\n".join([*self.lines, "", *end, *map(_limit, claim.limits), ""]))


def _limit(limit: Limit) -> str:
    due = f"due {minute(limit.schedule.due_at)}" if limit.schedule else "not scheduled"
    ended = f", ended {minute(limit.ended_at)}" if limit.ended_at else ""
    since = f"{limit.count_days} days from {minute(limit.count_from)}"
    whose = f" of {limit.unit.id}" if limit.unit else ""
    rest = limit.model_dump_json(include=RECORDED_OF_A_LIMIT, exclude_defaults=True)
    return f"{limit.id}{whose}: {limit.status}, {since}, {due}{ended} {rest}".removesuffix(" {}")


def worked(trace: TracedClaim, actor: Actor = HANDLER) -> TracedClaim:
    """Contacted, replied, fed back."""
    return trace.act(Action.CONTACT, actor).act(Action.REPLY, actor).act(Action.FEEDBACK, actor)


def answered() -> TracedClaim:
    """An immediate answer that does not satisfy; dispatched, then withdrawn."""
    trace = TracedClaim(category=Category.CONSULTATION).act(Action.ANSWER, OPERATOR)
    trace.act(Action.CALL_BACK, CALLER, grade="dissatisfied").act(Action.DISPATCH, OPERATOR, co_units=[WATER])
    trace.act(Action.SUPPLEMENT, ENTERPRISE).act(Action.REMIND, CALLER).act(Action.WITHDRAW, ENTERPRISE)
    return trace.act(Action.WITHDRAW, CALLER, confirmed_by_call=False).act(Action.WITHDRAW, CALLER)


def answered_well() -> TracedClaim:
    """An immediate answer that satisfies."""
    trace = (
        TracedClaim(category=Category.CONSULTATION).act(Action.ANSWER, OPERATOR).act(Action.CALL_BACK, CALLER)
    )
    return trace.after("Mon 2026-12-14 08:00")


def supervised() -> TracedClaim:
    """A bureau that does nothing: letters, lights for its government, reminders, an escalation; then
    everything is made up for.
    """
    trace = TracedClaim().act(Action.DISPATCH, OPERATOR, unit=TENGZHOU, co_units=[WATER])
    trace.act(Action.SIGN_FOR, DISTRICT).act(Action.DELEGATE, DISTRICT, unit=TENGZHOU_HOUSING)
    trace.after("Tue 2026-12-01 09:00").act(Action.PROGRESS, BUREAU).after("Mon 2026-12-14 09:00")
    return worked(trace, BUREAU).act(Action.CALL_BACK, CALLER)


def returned() -> TracedClaim:
    """Returned and kept; an extension refused; feedback sent back; nobody reached; reopened."""
    trace = (
        TracedClaim()
        .act(Action.DISPATCH, OPERATOR)
        .act(Action.REJECT, HANDLER, basis="")
        .act(Action.REJECT, HANDLER)
    )
    trace.after("Wed 2026-11-25 10:00").act(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    trace.act(Action.REQUEST_EXTENSION, HEAD).act(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    worked(trace).act(Action.VERIFY, SUPERVISOR).act(Action.FEEDBACK, HANDLER)
    for text in ("Thu 2026-11-26 09:00", "Thu 2026-11-26 15:00", "Fri 2026-11-27 09:00"):
        trace.after(text).act(Action.CALL_BACK, CALLER, reached=False, grade=None)
    trace.after("Thu 2026-12-03 09:00").act(Action.REOPEN, ENTERPRISE).act(Action.REMIND, ENTERPRISE)
    return trace.act(Action.CALL_BACK, CALLER).after("Wed 2026-12-30 09:00")


def arbitrated() -> TracedClaim:
    """Dispatched to another unit, which objects; arbitrated; an extension granted; a missed decision."""
    trace = (
        TracedClaim()
        .act(Action.DISPATCH, OPERATOR, co_units=[WATER])
        .act(Action.REJECT, HANDLER, suggested_unit=HOUSING)
    )
    trace.act(Action.REDETERMINE, SUPERVISOR, unit=HOUSING)
    housing = person(Role.HANDLER, HOUSING)
    trace.act(Action.REJECT, housing, suggested_unit=SPJ).after("Fri 2026-11-27 09:00")
    trace.act(Action.ARBITRATE, ARBITER, unit=SPJ)
    unit = person(Role.HANDLER, SPJ)
    trace.act(Action.REJECT, unit, suggested_unit=POWER).act(Action.CONTACT, unit).act(Action.REPLY, unit)
    trace.act(Action.REQUEST_EXTENSION, unit).after("Wed 2026-12-02 09:00")
    trace.act(Action.DECIDE_EXTENSION, SUPERVISOR).act(Action.FEEDBACK, unit)
    return trace.after("Fri 2026-12-04 09:00").act(Action.CALL_BACK, CALLER)


def referred() -> TracedClaim:
    """Referred by the platform, and kept by the arbiter; fed back while an extension is undecided."""
    trace = (
        TracedClaim()
        .act(Action.DISPATCH, OPERATOR)
        .act(Action.REJECT, HEAD, signature=None)
        .act(Action.REFER, SUPERVISOR)
    )
    trace.act(Action.ARBITRATE, ARBITER, unit=POWER).act(Action.REJECT, HANDLER)
    trace.act(Action.CONTACT, HANDLER).act(Action.REPLY, HANDLER).act(Action.REQUEST_EXTENSION, HANDLER)
    return trace.act(Action.FEEDBACK, HANDLER).act(Action.CALL_BACK, CALLER, grade="very-satisfied")


def reviewed() -> TracedClaim:
    """Dissatisfied twice, ordered twice, once too late; the leadership group; an explanation; false feedback."""
    trace = worked(TracedClaim().act(Action.DISPATCH, OPERATOR)).act(
        Action.VERIFY, SUPERVISOR, compliant=True
    )
    trace.act(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False).act(Action.FEEDBACK, HANDLER)
    trace.act(Action.CALL_BACK, CALLER, grade="very-dissatisfied").act(Action.REVIEW_FORM, HANDLER, seal="")
    trace.act(Action.REVIEW_FORM, HEAD).act(Action.VERIFY, SUPERVISOR, order_days=16).act(
        Action.VERIFY, SUPERVISOR
    )
    trace.after("Thu 2026-12-03 09:00").act(Action.FEEDBACK, HANDLER).act(
        Action.VERIFY, SUPERVISOR, order_days=2
    )
    trace.act(Action.FEEDBACK, HANDLER).act(Action.VERIFY, SUPERVISOR)
    trace.act(Action.VERIFY, COORDINATOR, compliant=True).act(Action.REPLY, HANDLER)
    return trace.act(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)


def forgotten() -> TracedClaim:
    """Nobody acts: the platform's delay, and reminders of inactivity; then declined."""
    trace = TracedClaim().after("Thu 2026-12-10 09:00").act(Action.DISPATCH, HANDLER)
    return trace.act(Action.DECLINE, OPERATOR).act(Action.REMIND, ENTERPRISE)


def silent() -> TracedClaim:
    """A unit that never acts: lights, an escalation of each, then reminders of inactivity."""
    return TracedClaim().act(Action.DISPATCH, OPERATOR).after("Wed 2027-01-06 09:00")


def merged() -> TracedClaim:
    """Merged into another claim after the dispatch."""
    trace = TracedClaim().act(Action.DISPATCH, OPERATOR).act(Action.MERGE, OPERATOR, into="QH202611240001")
    return trace.act(Action.MERGE, OPERATOR)


def moved() -> TracedClaim:
    """A calendar that makes rest days of working days, before and after a limit was missed."""
    trace = (
        TracedClaim("Thu 2026-11-26 09:00")
        .act(Action.DISPATCH, OPERATOR, co_units=[WATER])
        .after("Wed 2026-12-02 08:00")
    )
    trace.recalculate(calendar_with(REST_DAYS))
    trace.lines.append(f"{minute(trace.now)} a new calendar")
    trace.act(Action.CONTACT, HANDLER).act(Action.REPLY, HANDLER).after("Wed 2026-12-16 08:00")
    return trace.act(Action.DECIDE_EXTENSION, CONSOLE)


_CLAIMS: Final = (
    *(answered, answered_well, supervised, returned, arbitrated, referred),
    *(reviewed, forgotten, silent, merged, moved),
)
CLAIM_TRACES: Final[Mapping[str, Callable[[], TracedClaim | TracedAccount]]] = {
    **{life.__name__.replace("_", "-"): life for life in _CLAIMS},
    **UNIT_TRACES,
}


if __name__ == "__main__":
    for name, live in CLAIM_TRACES.items():
        (FOLDER / f"{name}.txt").write_text(live().story, encoding="utf-8")
