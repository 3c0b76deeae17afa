"""Plays that the oracles' claims lack: merges, accounts, a new calendar and edition, invalid messages, a
cancellation.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.testing import TimeSkipper

from activities.workflow_ids import TAKE_OVER, TAKE_OVER_ANSWERED
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RecordInterview, RecordStep, RevokeLight, UnitAction
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, LimitKind
from claims.model.unit_account import MeasureKind
from service_layer.clock import now
from tests.support.claims.people import CALLER, HANDLER, INSPECTOR, OPERATOR, SUPERVISOR
from tests.support.polling import eventually, until
from tests.support.workflows import calendar_play, edition_play
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.unit_play import Account, missing

SpecialPlay = Callable[[Stage], Awaitable[Mapping[str, Play]]]
ANSWERED_WITHIN: Final = timedelta(minutes=DEFAULT_POLICY.merge_answer_minutes)
NOBODY: Final = "QH202001010001"
UNIT, OTHER_UNIT = "ZZ-KJJ", "ZZ-MZJ"
UNREADABLE: Final = (
    RawValue(Payload(metadata={"encoding": b"binary/unheard-of"}, data=b"\xff\xfe")),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{")),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'"\\ud800\\u0000"')),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 10_000)),
)


async def merged(stage: Stage) -> Mapping[str, Play]:
    """R48: both sides of a merge, and messages to the merged claim."""
    into, play = await stage.register(), await stage.register()
    await play.must(Action.MERGE, OPERATOR, into=into.number)
    await play.handle.result()
    await into.asleep()
    return {"merge-asking": play, "merge-taken-over": into}


async def merged_crosswise(stage: Stage) -> Mapping[str, Play]:
    """R48: two claims merged into each other at once; one of them stays."""
    first, second = await stage.register(), await stage.register()
    await asyncio.gather(first.send_merge("m", second.number), second.send_merge("m", first.number))
    for play in (first, second):
        await play.look("m")
    return {"merge-crosswise-first": first, "merge-crosswise-second": second}


async def merge_refused(stage: Stage) -> Mapping[str, Play]:
    """R48: into a closed claim, into itself, into one that does not answer; a second merge during the wait."""
    ended, play = await stage.register(), await stage.register()
    await ended.must(Action.DECLINE, OPERATOR)
    await ended.handle.result()
    for into in (ended.number, play.number, "枣庄"):
        outcome = await play.do(Action.MERGE, OPERATOR, into=into)
        assert (outcome.status, outcome.rule) == ("refused", "R48"), into
    return {"merge-refused": play}


async def merge_unanswered(stage: Stage) -> Mapping[str, Play]:
    """R48: the other claim is stopped; the merge waits, then ends unanswered."""
    silent = await Stage(stage.client, "nobody-works-here", stage.records).register()
    play = await stage.register()
    await play.send_merge("m", silent.number)
    outcome = await play.do(Action.MERGE, OPERATOR, into=NOBODY)
    assert (outcome.status, outcome.rule) == ("refused", "R48")
    await play.wait(ANSWERED_WITHIN + timedelta(minutes=1))
    await play.look("m")
    await silent.handle.terminate()
    return {"merge-unanswered": play}


async def cancelled(stage: Stage) -> Mapping[str, Play]:
    """R10: a cancellation from the Temporal UI is recorded and ignored."""
    play = await (await stage.register()).dispatched()
    await play.handle.cancel()
    await play.handled()
    await play.must(Action.CALL_BACK, CALLER)
    return {"cancelled": play}


async def unreadable(stage: Stage) -> Mapping[str, Play]:
    """Unreadable signals, and messages of workflows sent by hand."""
    play = await (await stage.register()).dispatched()
    seq = (await play.claim()).seq
    names = ("contact", "adopt_edition", "revoke_light", TAKE_OVER, TAKE_OVER_ANSWERED)
    for name in names:
        for content in UNREADABLE:
            await play.handle.signal(name, content)
    await eventually(play.look, lambda found: found.claim.seq >= seq + len(UNREADABLE))
    return {"unreadable": play}


async def from_console(stage: Stage) -> Mapping[str, Play]:
    """An administrator's signals, by the plan's names."""
    play = await (await stage.register()).dispatched()
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    await play.handle.signal("approve_extension")
    await eventually(play.look, lambda found: not found.claim.has_pending_extension)
    await play.handled()
    await play.handle.signal("dissatisfied")
    await play.handle.signal("recompute_limits")
    await eventually(play.look, lambda found: found.claim.round == 1)
    return {"console": play}


async def repeated_ids(stage: Stage) -> Mapping[str, Play]:
    """The same request twice, and its id with other content."""
    play = await (await stage.register(Category.COMPLAINT)).dispatched()
    at = (await play.look()).now
    for actor in (HANDLER, HANDLER, CALLER):
        await play.send(Action.CONTACT, actor, request_id="again", now=at)
    await play.look("again")
    await play.handle.signal("remind", {"request_id": "again", "text": "请尽快"})
    await play.look("again")
    return {"repeated-ids": play}


async def late(stage: Stage) -> Play:
    """Play a claim until the unit has a red light for it."""
    play = await (await stage.register()).dispatched(unit=UNIT)
    await play.wait_out(LimitKind.CONTACT)
    await play.wait_out(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.CONTACT)
    return play


async def accounts(stage: Stage) -> Mapping[str, Play]:
    """R34 to R37: two reds cause an interview and a file; actions on them, accepted and refused; a
    cancellation. Another account has an interview whose limit is running.
    """
    first, second = await asyncio.gather(late(stage), late(stage))
    account = Account(stage, UNIT)

    async def has_a_file() -> bool:
        return MeasureKind.ACCOUNTABILITY in [one.kind for one in await account.measures()]

    await until(has_a_file)
    held = await account.with_measures()
    for refused_by in (OPERATOR, HANDLER):
        for action, body in _acts(held.measures[0].id, held.measures[-1].id, first_light(held.lights)):
            await account.act(action, refused_by, body)
    for action, body in _acts("no such measure", "no such file", "no such light"):
        await account.act(action, INSPECTOR if action is not UnitAction.REVOKE_LIGHT else SUPERVISOR, body)
    for action, body in _acts(held.measures[0].id, held.measures[-1].id, first_light(held.lights)):
        await account.act(action, INSPECTOR if action is not UnitAction.REVOKE_LIGHT else SUPERVISOR, body)
    await account.handle.cancel()
    await account.recorded()
    await asyncio.gather(missing(stage, OTHER_UNIT), missing(stage, OTHER_UNIT))
    await Account(stage, OTHER_UNIT).with_measures()
    return {"unit-late-first": first, "unit-late-second": second}


def first_light(lights: Mapping[str, object]) -> str:
    """Return the id of the first light."""
    return next(iter(lights))


def _acts(
    interview: str, file: str, light: str
) -> list[tuple[UnitAction, RecordInterview | RecordStep | RevokeLight]]:
    named = [f"u-{uuid.uuid4()}" for _ in range(3)]
    return [
        (
            UnitAction.RECORD_INTERVIEW,
            RecordInterview(request_id=named[0], measure=interview, person="王局长", record="已约谈"),
        ),
        (
            UnitAction.RECORD_ACCOUNTABILITY_STEP,
            RecordStep(request_id=named[1], measure=file, text="责令检查", closes=True),
        ),
        (UnitAction.REVOKE_LIGHT, RevokeLight(request_id=named[2], light=light, reason="平台责任")),
    ]


SPECIAL_PLAYS: Final[tuple[SpecialPlay, ...]] = (
    merged,
    merged_crosswise,
    merge_refused,
    merge_unanswered,
    cancelled,
    unreadable,
    from_console,
    repeated_ids,
)


async def published(stage: Stage) -> Mapping[str, Play]:
    """R6, R7: a new calendar and a new edition reach open claims, accounts and a claim about to close."""
    retimed, adopted = [await (await stage.register()).dispatched() for _ in range(2)]
    for play in (retimed, adopted):
        await calendar_play.on_record(play)
    day_off = load_calendar().nth_working_day_after(local_day(now()), 6)
    calendar = calendar_play.put_in_force(stage.records, day_off, note="plays")
    await calendar_play.retime(stage, calendar.version)
    await calendar_play.on_record(retimed, EventKind.LIMITS_RECOMPUTED)
    changes = {"resolve_days": 8, "contact_after_signing": True}
    await edition_play.bring(stage, "plays", reaches="open", changes=changes)
    outcome = await adopted.do(Action.CONTACT, HANDLER)
    assert (outcome.status, outcome.rule) == ("refused", "R20")
    for play in (retimed, adopted):
        await play.must(Action.SIGN_FOR, HANDLER)
        await play.handled()
        await play.must(Action.CALL_BACK, CALLER)
    return {"calendar-update-claim": retimed, "edition-update-claim": adopted}


async def edition_ahead(stage: Stage) -> None:
    """R7: an edition that is not in force yet: its update waits, then notifies."""
    later = now() + timedelta(hours=30)
    fields = {"reaches": "open", "in_force_from": later.isoformat(), "changes": {"reply_days": 3}}
    update = await edition_play.begin(stage, edition_play.publish(stage, "later", **fields))
    await TimeSkipper(stage.client).fast_forward(update, timedelta(hours=31))
    await update.result()
