"""Traces of units' accounts, in the format of `tests.oracles.claim_traces`."""

import json
from typing import Final

from activities.deadlines import schedule
from claims.deadlines.recalculation import NewCalendar
from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.unit_account import Cause, Measure
from claims.model.values import Actor
from claims.units.interviews import interviews_to_schedule, mark_for_recalculation, schedule_interviews
from claims.units.paper_drafts import accountability_cases, interview_papers
from claims.units.transition import UnitTransition, post_cause, update_measures
from tests.oracles.trace_format import VERSION, minute
from tests.support.claims.calendars import NEW_YEAR, calendar_with
from tests.support.claims.offline_unit_account import RED, Account, light
from tests.support.claims.people import INSPECTOR, OPERATOR, SUPERVISOR, WATER
from tests.support.dates import beijing

REST_DAY: Final[dict[str, object]] = {
    "published": "2026-11-20",
    "source": "虚构的通知，仅供测试",
    "days_off": ["2026-11-24"],
    "make_up_days": [],
}


class TracedAccount(Account):
    """An account with its trace."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__()

    def adopt(self, step: UnitTransition) -> None:
        """Add the transition to the trace."""
        for entry in step.entries:
            notified = [notice.unit for notice in step.notices if notice.id.split("/")[-2] == str(entry.seq)]
            by = f" by {entry.actor.name}" if entry.actor else ""
            self.lines.append(f"{minute(entry.at)} {entry.kind} [{' '.join(entry.rules)}]{by} {entry.text}")
            self.lines += [f"    notice to {', '.join(notified)}"] if notified else []
            self.lines += [f"    {json.dumps(entry.data, ensure_ascii=False)}"] if entry.data else []
        papers = [paper.model_dump_json() for paper in interview_papers(step)]
        self.lines += [f"    paper {paper}" for paper in papers]
        self.lines += [f"    case {case.model_dump_json()}" for case in accountability_cases(step)]
        super().adopt(step)

    def act(self, action: UnitAction, actor: Actor, **body: object) -> "TracedAccount":
        """Perform an action and add its result to the trace."""
        self.lines.append(f"{minute(self.now)} {actor.name}: {action}")
        outcome = self.do(action, actor, **body)
        if outcome.status == "refused":
            self.lines.append(
                f"    refused {outcome.rule} {outcome.kind}: {outcome.reason}（{outcome.instead}）"
            )
        return self

    def after(self, text: str) -> "TracedAccount":
        """Let time pass."""
        self.until(text)
        return self

    def accused(self, rule: str, id: str) -> "TracedAccount":
        """Report a cause by a claim, twice."""
        reason = "未按期办结"
        cause = Cause(
            id=id, number="QH9", unit=WATER, unit_name="水务", rule=rule, reason=reason, at=self.now
        )
        for _ in range(2):
            step = UnitTransition(self.account, at=self.now)
            post_cause(step, cause)
            update_measures(step)
            self.adopt(step)
        return self

    def recalculate(self, *arrangements: dict[str, object]) -> "TracedAccount":
        """Recalculate the account with a changed calendar."""
        calendar = calendar_with(*arrangements)
        step = UnitTransition(self.account, at=self.now)
        mark_for_recalculation(step, NewCalendar(version=calendar.version, reason="假日通知公布"))
        wanted = interviews_to_schedule(step.account)
        schedule_interviews(step, {one.limit_id: schedule(calendar, one) for one in wanted})
        self.adopt(step)
        return self

    @property
    def story(self) -> str:
        """Return the trace and the account's final state."""
        lights = [f"{one.id}{' revoked' if one.revoked else ''}" for one in self.account.lights.values()]
        measures = map(_measure, self.account.measures)
        return VERSION.sub("cn", "\n".join([*self.lines, "", self.account.name, *lights, *measures, ""]))


def _measure(measure: Measure) -> str:
    due = f", due {minute(measure.schedule.due_at)}" if measure.schedule else ""
    flags = [name for name in ("missed", "superseded") if getattr(measure, name)]
    notes = [f"\n    {note.model_dump_json(exclude_defaults=True)}" for note in measure.notes]
    return f"{measure.id}: {' '.join([measure.status, *flags])} [{measure.rule}]{due}{''.join(notes)}"


def interviewed() -> TracedAccount:
    """An interview that a new calendar moves; held too early, in the future, by the wrong person, and then
    recorded.
    """
    trace = TracedAccount()
    trace.now = beijing("Thu 2026-11-19 09:00")
    trace.post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    trace.recalculate(REST_DAY).recalculate(REST_DAY)
    (measure,) = trace.measures
    fields = {"measure": measure.id, "person": "李局长", "record": "已约谈", "place": "市政府"}
    trace.act(UnitAction.RECORD_INTERVIEW, OPERATOR, **fields).act(UnitAction.RECORD_INTERVIEW, INSPECTOR)
    for day in ("Tue 2026-11-17 09:00", "Fri 2026-11-20 09:00", "Thu 2026-11-19 08:00"):
        held = {
            "held_at": beijing(day).isoformat(),
            "measures": [{"text": "每日调度", "until": "2026-12-31"}],
        }
        trace.act(UnitAction.RECORD_INTERVIEW, INSPECTOR, **fields, **held)
    trace.act(UnitAction.RECORD_INTERVIEW, INSPECTOR, **fields)
    trace.act(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, measure=measure.id, text="检查")
    trace.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=light("Mon 2026-11-16").id, reason="系统故障")
    return trace


def missed() -> TracedAccount:
    """Two interviews, the first missed; lights revoked and given again; a withdrawn interview."""
    trace = TracedAccount()
    trace.now = beijing("Tue 2026-11-24 09:00")
    trace.post(
        light("Mon 2026-11-16"), light("Tue 2026-11-17"), light("Thu 2026-11-19"), light("Fri 2026-11-20")
    )
    trace.after("Wed 2026-11-25 00:00").after("Wed 2026-11-25 09:00").recalculate(REST_DAY)
    trace.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=light("Mon 2026-11-16").id, reason="系统故障")
    trace.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=light("Mon 2026-11-16").id, reason="系统故障")
    trace.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, light="QH0/1/0/contact/yellow", reason="系统故障")
    return trace.after("Tue 2026-12-01 09:00")


def accountable() -> TracedAccount:
    """A file for two red lights, and files of causes; their steps."""
    trace = TracedAccount()
    trace.post(light("Mon 2026-11-16", colour=RED), light("Wed 2026-11-18", colour=RED))
    trace.accused("R45", "QH9/R45/12").accused("R52", "QH9/R52/old")
    for measure in [one.id for one in trace.measures[:2]]:
        step = {"measure": measure, "text": "书面检查"}
        trace.act(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, **step)
        trace.act(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, **step, closes=True)
        trace.act(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, **step)
    return trace


def confirmed() -> TracedAccount:
    """An interview in a year whose calendar is published later without changing its end."""
    trace = TracedAccount()
    trace.now = beijing("Fri 2027-03-05 09:00")
    trace.post(light("Mon 2027-03-01"), light("Wed 2027-03-03"))
    return trace.recalculate(NEW_YEAR)


UNIT_TRACES: Final = {
    "unit-confirmed": confirmed,
    "unit-interviewed": interviewed,
    "unit-missed": missed,
    "unit-accountable": accountable,
}
