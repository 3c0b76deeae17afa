"""Compares a replayed run with its history: every command, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from audit.release.commands import Command, CommandKind, Content, recorded_commands, sent_commands
from audit.release.content import Place, Reader, place_of
from audit.release.trees import ABSENT, TreeDiffers, differing
from audit.replay.replayed_run import ReplayedRun
from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.values import Value
from claims.recording.change import opened
from runtime.data_converter import DATA_CONVERTER

_LONGEST: Final = 160


class CommandDiffers(Value):
    """A difference between this code and the history. `event` is its place in the history; `build` is the
    worker's build at the time.
    """

    event: int
    build: str
    what: str
    field: str
    recorded: str
    replayed: str
    message: str


async def compare_with_history(
    history: WorkflowHistory, replayed: ReplayedRun, converter: DataConverter = DATA_CONVERTER
) -> list[CommandDiffers]:
    """Return all differences in journal, outcomes, limits, lights, letters, notices, papers, timers, search
    attributes and results, each once, at its first place. Empty if this code reproduces the history.
    """
    recorded = [await _decoded(command, converter) for command in recorded_commands(history.events)]
    first = opened(replayed.states[0].claim) if replayed.opening and replayed.states else None
    found: dict[tuple[Place, str, str], CommandDiffers] = {}
    for command, place, differs in _differences(recorded, [*sent_commands(replayed.commands)], first):
        then, now = _text(differs.recorded), _text(differs.replayed)
        found.setdefault((place, then, now), _differs(command, place, then, now))
    return [*found.values()]


async def compare_journals(
    history: WorkflowHistory,
    stopped: ReplayedRun,
    failed_at: int,
    converter: DataConverter = DATA_CONVERTER,
) -> list[CommandDiffers]:
    """Return only the differences of journal lines up to the event where a replay stopped. Commands no longer
    match there, but lines do.
    """
    reader = Reader()
    ours = {str(entry.seq): entry.model_dump(mode="json") for entry in stopped.written}
    found: list[CommandDiffers] = []
    for command in recorded_commands(history.events):
        parts = reader.parts(await _decoded(command, converter))
        entries = parts.get("entries")
        for line in entries if isinstance(entries, list) else []:
            seq = str(line.get("seq")) if isinstance(line, dict) else ""
            if seq not in ours and command.event > failed_at:
                continue
            for one in differing({seq: line}, {seq: ours[seq]} if seq in ours else {}, ("entries",)):
                place = place_of(command, one.path, parts)
                found.append(_differs(command, place, _text(one.recorded), _text(one.replayed)))
    return found


def recorded_outcomes(history: WorkflowHistory) -> list[Outcome]:
    """Return the outcomes in a claim's history. Its payloads must be decoded."""
    reader = Reader()
    found: list[Outcome] = []
    for command in recorded_commands(history.events):
        outcomes = reader.parts(command).get("outcomes")
        found += [Outcome.model_validate(one) for one in outcomes] if isinstance(outcomes, list) else []
    return found


async def _decoded(command: Command, converter: DataConverter) -> Command:
    codec, payloads = converter.payload_codec, command.payloads
    if codec is None or not payloads:
        return command
    decoded: list[Payload] = []
    for payload in payloads.values():
        decoded += await codec.decode([payload])
    content: Content = dict(zip(payloads, decoded, strict=True))
    return Command(command.key, command.name, content, command.event, command.task, command.build)


def _differences(
    recorded: Sequence[Command], sent: Sequence[Command], first: Claim | None
) -> Iterator[tuple[Command, Place, TreeDiffers]]:
    ours = {command.key: command for command in sent}
    then, now = Reader(first), Reader(first)
    for command in recorded:
        mine = ours.get(command.key)
        if mine is not None and (mine.name, mine.content) == (command.name, command.content) and now == then:
            then.pass_over(command)
            now.pass_over(mine)
            continue
        parts = then.parts(command)
        if mine is None:
            yield command, place_of(command, (), parts), TreeDiffers((), "有", ABSENT)
            continue
        if mine.name != command.name:
            yield command, place_of(command, (), parts), TreeDiffers((), command.name, mine.name)
        for one in differing(parts, now.parts(mine)):
            yield command, place_of(command, one.path, parts), one
    yield from _not_recorded(recorded, ours)


def _not_recorded(
    recorded: Sequence[Command], ours: Mapping[tuple[CommandKind, str], Command]
) -> Iterator[tuple[Command, Place, TreeDiffers]]:
    """Yield this code's additional commands in tasks that the history contains completely. A timer that fires
    in the same turn is in no history.
    """
    known = {command.key for command in recorded}
    tasks = {command.task for command in recorded}
    for key, command in ours.items():
        if key not in known and command.task in tasks and key[0] is not CommandKind.TIMER:
            yield command, place_of(command, (), {}), TreeDiffers((), ABSENT, "有")


def _text(value: JsonValue) -> str:
    text = "空" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _differs(command: Command, place: Place, recorded: str, replayed: str) -> CommandDiffers:
    what = place.what + (f" 的 {place.field}" if place.field else "")
    where = f"第{command.event}条事件，" if command.event else ""
    return CommandDiffers(
        event=command.event,
        build=command.build,
        what=place.what,
        field=place.field,
        recorded=recorded,
        replayed=replayed,
        message=f"{where}{what}：历史为“{recorded}”，本版程序为“{replayed}”",
    )
