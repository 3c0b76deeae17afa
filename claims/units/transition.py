"""Transitions of a unit's account: lights, causes, measures and their records (R34-R37, R45, R52)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from claims.model.events import EventKind
from claims.model.journal import Entry, Notice
from claims.model.labels import label, minute
from claims.model.limit import red_id_of
from claims.model.messages.unit_action_bodies import RecordInterview, RecordStep, RevokeLight
from claims.model.organisation import PLATFORM
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Colour
from claims.model.unit_account import (
    AccountLight,
    Cause,
    Measure,
    MeasureKind,
    MeasureStatus,
    Note,
    Pair,
    Revocation,
    UnitAccount,
    measure_id,
    pairs_of,
)
from claims.model.values import Actor
from claims.units.limits import require_room_for_cause, require_room_for_light, require_room_for_step


class UnitTransition:
    """The change of an account by one action; works on a copy, as `claims.transition.Transition` does."""

    def __init__(
        self, account: UnitAccount, *, at: datetime, actor: Actor | None = None, request_id: str = ""
    ) -> None:
        self.account = account.model_copy(deep=True)
        self.at = at
        self.actor = actor
        self.request_id = request_id
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []

    def write(
        self,
        kind: EventKind,
        *rules: str,
        text: str,
        at: datetime | None = None,
        data: Mapping[str, JsonValue] | None = None,
    ) -> Entry:
        """Write the next line of the unit's journal."""
        self.account.seq += 1
        entry = Entry(
            seq=self.account.seq,
            at=at or self.at,
            recorded_at=self.at,
            kind=kind,
            rules=rules,
            text=text,
            actor=self.actor,
            request_id=self.request_id,
            data=dict(data or {}),
        )
        self.entries.append(entry)
        return entry

    def notify(self, entry: Entry, *others: str) -> None:
        """Notify the unit, and others, of an entry. The records make the copies of R38."""
        for unit in (self.account.unit, *others):
            id = f"{self.account.unit}/{entry.seq}/{unit}"
            self.notices.append(Notice(id=id, at=entry.at, kind=entry.kind, unit=unit, text=entry.text))


def post_light(transition: UnitTransition, light: AccountLight) -> None:
    """R33: add a light once, at its own instant; `update_measures` opens the measures it brings. Raises Refused."""
    account = transition.account
    if light.id in account.lights:
        return
    require_room_for_light(account, light)
    yellow = next((one for one in account.lights.values() if red_id_of(one.id) == light.id), None)
    stopped = _revoked_before(yellow, light)
    if stopped is not None:
        light = light.model_copy(update={"revoked": True, "revocation": stopped})
    account.lights[light.id] = light
    account.name = light.unit_name
    text = f"{label(light.colour)}：工单{light.number}{label(light.limit)}（{minute(light.at)}）"
    text += "，所随黄灯已先撤销，不计" if stopped else ""
    rule = light.colour.rule if account.policy.accounts_cite_own_rules else Colour.YELLOW.rule
    transition.write(EventKind.LIGHT_GIVEN, rule, "R33", at=light.at, text=text, data={"light": light.id})


def _revoked_before(yellow: AccountLight | None, red: AccountLight) -> Revocation | None:
    """R32: a yellow that is revoked before its red leaves no red."""
    word = yellow.revocation if yellow is not None else None
    return word if word is not None and word.at < red.at else None


def post_cause(transition: UnitTransition, cause: Cause) -> None:
    """R36: open one accountability file for each cause. Raises Refused."""
    account = transition.account
    if cause.id in account.causes:
        return
    require_room_for_cause(account)
    account.causes[cause.id] = cause
    account.name = cause.unit_name
    opened = Measure(
        id=measure_id(account, MeasureKind.ACCOUNTABILITY, cause.id),
        kind=MeasureKind.ACCOUNTABILITY,
        cause=cause.id,
        rule=cause.rule,
        reason=f"工单{cause.number}：{cause.reason}",
        opened_at=cause.at,
    )
    _add_measure(transition, opened)


def update_measures(transition: UnitTransition, *, after_revocation: bool = False) -> None:
    """R34, R37: open a measure for each new pair of lights, and withdraw those that no longer have a pair.
    Measures opened by a revocation count from it (R35).
    """
    account = transition.account
    counts_anew = after_revocation and account.policy.interview_counts_from_revocation
    for kind in MeasureKind:
        wanted = {}
        for first, second in pairs_of(account, kind):
            wanted[measure_id(account, kind, first.id, second.id)] = (first, second)
        _withdraw_except(transition, kind, set(wanted))
        for id, (first, second) in wanted.items():
            opened_at = max(second.at, transition.at) if counts_anew else second.at
            _open_for_pair(transition, id, kind, (first, second), opened_at)


def _withdraw_except(transition: UnitTransition, kind: MeasureKind, wanted: set[str]) -> None:
    for measure in transition.account.measures:
        if measure.kind is not kind or measure.cause or measure.status is MeasureStatus.WITHDRAWN:
            continue
        if measure.notes:
            measure.superseded = any(transition.account.lights[light].revoked for light in measure.lights)
        elif measure.id not in wanted:
            measure.status = MeasureStatus.WITHDRAWN
            text = f"{label(kind)}撤销：所依据的亮牌不再构成1个月内连续两次"
            data = {"measure": measure.id}
            transition.notify(
                transition.write(EventKind.MEASURE_WITHDRAWN, "R34", "R37", text=text, data=data)
            )


def _open_for_pair(
    transition: UnitTransition, id: str, kind: MeasureKind, pair: Pair, opened_at: datetime
) -> None:
    first, second = pair
    known = transition.account.measure(id)
    if known is not None and known.status is not MeasureStatus.WITHDRAWN:
        return
    if known is not None:
        transition.account.measures.remove(known)
    reason = f"1个月内连续两次{label(first.colour)}：{first.number}（{minute(first.at)}）、{second.number}（{minute(second.at)}）"
    lights = (first.id, second.id)
    measure = Measure(id=id, kind=kind, lights=lights, rule=kind.rule, reason=reason, opened_at=opened_at)
    # A cause within one claim needs no notice here: the claim has sent one (`claims.actions.accountability`).
    transition.notify(
        _add_measure(transition, measure), *([PLATFORM.id] if kind is MeasureKind.INTERVIEW else [])
    )


def _add_measure(transition: UnitTransition, measure: Measure) -> Entry:
    transition.account.measures.append(measure)
    kind = EventKind.INTERVIEW_OPENED
    if measure.kind is MeasureKind.ACCOUNTABILITY:
        kind = EventKind.ACCOUNTABILITY_OPENED
    text = f"{label(measure.kind)}：{measure.reason}"
    rules = ("R34", measure.rule)
    if measure.cause and transition.account.policy.accounts_cite_own_rules:
        rules = (measure.rule, MeasureKind.ACCOUNTABILITY.rule)
    return transition.write(kind, *rules, at=measure.opened_at, text=text, data={"measure": measure.id})


def revoke_light(transition: UnitTransition, body: RevokeLight) -> AccountLight:
    """R37: revoke a light with a reason; it stays visible, and the measures are updated."""
    light = transition.account.lights.get(body.light)
    if light is None:
        raise Refused("R37", "该单位没有这块亮牌", "请核对亮牌编号（GET /units/{id}）")
    if light.revoked:
        raise Refused("R37", "这块亮牌已经撤销", "无需重复撤销")
    revoked = _mark_revoked(transition, light, body.reason)
    text = f"撤销{label(light.colour)}：工单{light.number}{label(light.limit)}；理由：{body.reason}"
    transition.notify(transition.write(EventKind.LIGHT_REVOKED, "R37", text=text, data={"light": light.id}))
    update_measures(transition, after_revocation=True)
    return revoked


def _mark_revoked(transition: UnitTransition, light: AccountLight, reason: str) -> AccountLight:
    """Return the light; and a red that has come since the yellow was revoked (R32)."""
    account = transition.account
    if not account.policy.revoked_yellow_stops_red or transition.actor is None:
        account.lights[light.id] = light.model_copy(update={"revoked": True})
        return account.lights[light.id]
    word = Revocation(at=transition.at, reason=reason, actor=transition.actor)
    marked = {"revoked": True, "revocation": word}
    account.lights[light.id] = light.model_copy(update=marked)
    red = account.lights.get(red_id_of(light.id))
    if red is not None and not red.revoked and word.at < red.at:
        account.lights[red.id] = red.model_copy(update=marked)
    return account.lights[light.id]


def record_interview(transition: UnitTransition, body: RecordInterview) -> None:
    """R35: record an interview of the unit's head, with the measures promised and their dates."""
    measure = _open_measure(transition, body.measure, MeasureKind.INTERVIEW)
    if transition.account.policy.interviews_set_dates:
        _check_promises(body)
    if body.held_at is not None:
        _check_interview_date(transition, measure, body.held_at)
    fields = body.model_dump(include={"person", "place", "held_at"})
    promises = tuple(body.measures)
    measure.notes.append(
        Note(at=transition.at, by=_name(transition), text=body.record, promises=promises, **fields)
    )
    measure.status = MeasureStatus.DONE
    text = f"约谈{body.person}：{body.record}"
    transition.write(EventKind.INTERVIEW_RECORDED, "R35", text=text, data={"measure": measure.id})


def _check_promises(body: RecordInterview) -> None:
    """R35: at least one measure, each with a date."""
    if not body.measures:
        raise Refused("R35", "约谈须提出整改措施", "请至少填写一项措施", kind=RefusalKind.INCOMPLETE)
    if undated := [promise.text for promise in body.measures if promise.until is None]:
        reason = f"整改措施“{undated[0][:40]}”没有完成日期"
        raise Refused("R35", reason, "请为每项措施填写 until", kind=RefusalKind.INCOMPLETE)
    if any(not promise.text.strip() for promise in body.measures):
        raise Refused("R35", "整改措施没有内容", "请写明措施", kind=RefusalKind.INCOMPLETE)


def _check_interview_date(transition: UnitTransition, measure: Measure, at: datetime) -> None:
    """R35: refuse an interview dated in the future or before it was opened."""
    wrong = None
    if at > transition.at + timedelta(seconds=transition.account.policy.clock_skew_seconds):
        wrong = f"约谈时间{minute(at)}尚未到来，不能登记"
    elif at < measure.opened_at:
        wrong = f"约谈时间{minute(at)}早于启动约谈的{minute(measure.opened_at)}，不能登记"
    if wrong is not None:
        raise Refused("R35", wrong, "请填写实际约谈的时间", kind=RefusalKind.INCOMPLETE)


def record_accountability_step(transition: UnitTransition, body: RecordStep) -> None:
    """R36: record a decision on an accountability file; the last one closes it."""
    measure = _open_measure(transition, body.measure, MeasureKind.ACCOUNTABILITY)
    require_room_for_step(measure, closes=body.closes)
    measure.notes.append(Note(at=transition.at, by=_name(transition), text=body.text))
    if body.closes:
        measure.status = MeasureStatus.DONE
    transition.write(
        EventKind.ACCOUNTABILITY_STEP, "R36", text=f"问责进展：{body.text}", data={"measure": measure.id}
    )


def _open_measure(transition: UnitTransition, id: str, kind: MeasureKind) -> Measure:
    measure = transition.account.measure(id)
    if measure is None or measure.kind is not kind:
        raise Refused(kind.rule, f"没有这项{label(kind)}", "请核对编号（GET /units/{id}）")
    if measure.status is not MeasureStatus.OPEN:
        state = "已办结" if measure.status is MeasureStatus.DONE else "已撤销"
        raise Refused(kind.rule, f"这项{label(kind)}{state}", "无需再登记")
    return measure


def _name(transition: UnitTransition) -> str:
    return transition.actor.name or transition.actor.sub if transition.actor else ""
