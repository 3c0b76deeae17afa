"""Claims with notices, and relays with a pace fit for tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from claims.model.events import EventKind
from claims.model.journal import Notice
from claims.transition import ENTERPRISE
from notices.relay import Pace, Relay, relaying
from records.claim_writer import write_step
from records.database.engine import Records
from tests.support.records.sample_steps import registered

NUMBER = "QH202611250001"
PUBLIC = "https://zaoying.example"
NAMES = {"ZZ-GD": "枣庄供电公司"}
BRISK = Pace(
    poll=timedelta(milliseconds=20),
    send_within=timedelta(seconds=30),
    lease=timedelta(seconds=60),
    first_pause=timedelta(milliseconds=100),
    longest_pause=timedelta(milliseconds=200),
    tries=100,
)


def clock() -> datetime:
    return datetime.now(UTC)


def notice(seq: int, unit: str = "ZZ-GD", kind: EventKind = EventKind.DISPATCHED, text: str = "") -> Notice:
    """Return the notice of one journal entry."""
    return Notice(id=f"{NUMBER}/{seq}/{unit}", at=clock(), kind=kind, unit=unit, text=text or "甲公司的原话")


def to_enterprise(seq: int) -> Notice:
    return notice(seq, ENTERPRISE, EventKind.LINK_SENT, "多次回访未接通，发送评价链接")


def enqueue_notices(records: Records, *notices: Notice) -> None:
    """Write notices with a step of a claim."""
    write_step(records, registered(NUMBER).model_copy(update={"notices": notices}))


def contacts(folder: Path, channels: Mapping[str, str], **names: Sequence[str]) -> Path:
    """Write a file of channels; by default `default` has all of them."""
    reached = names or {"default": list(channels)}
    lines = [
        "[channels]",
        *(f"{json.dumps(k, ensure_ascii=False)} = {json.dumps(v)}" for k, v in channels.items()),
    ]
    lines += ["[contacts]"]
    lines += [
        f"{unit.replace('_', '-')} = {json.dumps(list(v), ensure_ascii=False)}" for unit, v in reached.items()
    ]
    path = folder / "contacts.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@asynccontextmanager
async def relay_of(records: Records, path: Path, pace: Pace = BRISK) -> AsyncIterator[Relay]:
    """Run a relay within this block."""
    relay = Relay(records, contacts=path, public_url=PUBLIC, names=lambda: NAMES, clock=clock, pace=pace)
    async with relaying(relay, asyncio.Event()):
        yield relay
