"""The outbox: notices, their deliveries, and the leases of the relays that send them (R20, R38)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Notice
from claims.notifications import IN_OFFICE_HOURS, DeliveryState, addressees, what
from records.database import dialects
from records.database.dialects import Row
from records.database.engine import Records
from records.tables import CLAIM, DELIVERY, NOTICE

_BATCH: Final = 200
_WAITS: Final = DELIVERY.c.state == DeliveryState.WAITING
_UNROUTED: Final = _WAITS & (DELIVERY.c.channel == "")
_ROUTED: Final = _WAITS & (DELIVERY.c.channel != "")


class Lease(BaseModel):
    """A delivery that one relay may send until the lease ends. `unit` is the notice's addressee."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    addressee: str
    channel: str
    tries: int
    kind: EventKind
    unit: str
    text: str
    holder: str

    @property
    def notice(self) -> str:
        """The id of the delivered notice."""
        return self.id.partition(">")[0]

    @property
    def about(self) -> str:
        """The unit whose account the notice is about, if it has no number; the notice's id starts with it."""
        return self.notice.partition("/")[0]


class Delivery(BaseModel):
    """One delivery. `next_at` is the next attempt; `error` is the reason of the last failure."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    addressee: str
    kind: EventKind
    at: datetime
    channel: str
    state: DeliveryState
    tries: int
    error: str
    next_at: datetime | None
    ended_at: datetime | None
    text: str = ""
    """The notice's text, without data that must not leave the platform."""


class OutboxState(BaseModel):
    """Counts of deliveries by state, and since when the oldest waits."""

    model_config = ConfigDict(frozen=True)

    counts: Mapping[DeliveryState, int]
    oldest_waiting: datetime | None


def enqueue_notices(connection: Connection, number: str, notices: Sequence[Notice]) -> None:
    """Write notices and their addressees in the transaction of their step. Idempotent. Notices of a unit's
    account have no number.
    """
    rows: list[Row] = [{"number": number or None, **notice.model_dump()} for notice in notices]
    dialects.insert_missing(connection, NOTICE, rows)
    deliveries = [_derived(number, notice, unit) for notice in notices for unit in addressees(notice)]
    dialects.insert_missing(connection, DELIVERY, deliveries)


def _derived(number: str, notice: Notice, addressee: str) -> Row:
    return {
        "id": f"{notice.id}>{addressee}",
        "notice": notice.id,
        "number": number,
        "addressee": addressee,
        "kind": notice.kind,
        "at": notice.at,
        "channel": "",
        "state": DeliveryState.WAITING,
        "tries": 0,
        "lease": "",
        "error": "",
        "queued_at": None,
        "next_at": None,
        "ended_at": None,
    }


def has_work(records: Records, now: datetime, *, busy: Collection[str]) -> bool:
    """Return whether any delivery has to be routed or can be sent on a free channel. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return (
            connection.scalar(select(DELIVERY.c.id).where(_UNROUTED | _due(now, busy)).limit(1)) is not None
        )


def _due(now: datetime, busy: Collection[str]) -> ColumnElement[bool]:
    return _ROUTED & (DELIVERY.c.next_at <= now) & DELIVERY.c.channel.not_in(busy)


def unrouted(records: Records) -> set[str]:
    """Return addressees without channels yet. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return set(connection.scalars(select(DELIVERY.c.addressee).where(_UNROUTED).distinct()))


def route(
    records: Records,
    channels: Mapping[str, Sequence[str]],
    now: datetime,
    *,
    opens: datetime | None = None,
    at_once: Collection[str] = (),
) -> None:
    """Assign channels to these addressees' deliveries: one line per channel; without channels, mark the
    delivery as unsent. Notices for office hours (R29) wait until `opens`, except for addressees in `at_once`.

    Raises RecordsUnavailable.
    """
    waits = select(DELIVERY).where(_UNROUTED, DELIVERY.c.addressee.in_(channels))
    oldest = waits.order_by(DELIVERY.c.at, DELIVERY.c.id).limit(_BATCH).with_for_update(skip_locked=True)
    with records.writing() as connection:
        waiting = connection.execute(oldest).mappings().all()
        for names, rows in _by_channels(waiting, channels).items():
            later: list[RowMapping] = []
            soon: list[RowMapping] = []
            for row in rows:
                is_deferred = names and row["kind"] in IN_OFFICE_HOURS and row["addressee"] not in at_once
                (later if is_deferred else soon).append(row)
            _route(connection, later, names, opens or now)
            _route(connection, soon, names, now)


def _by_channels(
    rows: Iterable[RowMapping], channels: Mapping[str, Sequence[str]]
) -> dict[tuple[str, ...], list[RowMapping]]:
    found: dict[tuple[str, ...], list[RowMapping]] = {}
    for row in rows:
        found.setdefault(tuple(dict.fromkeys(channels[row["addressee"]])), []).append(row)
    return found


def _route(
    connection: Connection, rows: Sequence[RowMapping], channels: Sequence[str], now: datetime
) -> None:
    if not rows:
        return
    these = update(DELIVERY).where(DELIVERY.c.id.in_([row["id"] for row in rows]))
    if not channels:
        connection.execute(these.values(state=DeliveryState.QUIET, queued_at=now, ended_at=now))
        return
    known = {"queued_at": now, "next_at": now}
    connection.execute(these.values(channel=channels[0], **known))
    others = [
        {**row, **known, "id": f"{row['id']}>{name}", "channel": name}
        for row in rows
        for name in channels[1:]
    ]
    dialects.insert_missing(connection, DELIVERY, others)


def lease(
    records: Records,
    *,
    holder: str,
    free: Mapping[str, int],
    busy: Collection[str],
    now: datetime,
    until: datetime,
) -> list[Lease]:
    """Lease due deliveries, oldest first, so that no other relay sends them before `until`.

    `free` maps channels to the number of deliveries to take; other channels get one. Raises
    RecordsUnavailable.
    """
    due = select(DELIVERY.c.id, DELIVERY.c.channel).where(_due(now, busy))
    oldest = due.order_by(DELIVERY.c.next_at, DELIVERY.c.id).limit(_BATCH)
    with records.writing() as connection:
        found = connection.execute(oldest.with_for_update(skip_locked=True)).all()
        taken = list(_as_many_as_free(found, free))
        mine = update(DELIVERY).where(DELIVERY.c.id.in_(taken))
        connection.execute(mine.values(lease=holder, next_at=until))
        return _leases(connection, taken, holder)


def _as_many_as_free(found: Iterable[tuple[str, str]], free: Mapping[str, int]) -> Iterable[str]:
    left = dict(free)
    for id, channel in found:
        if left.setdefault(channel, 1) > 0:
            left[channel] -= 1
            yield id


def _leases(connection: Connection, ids: Sequence[str], holder: str) -> list[Lease]:
    told = select(DELIVERY, NOTICE.c.unit, NOTICE.c.text).join(NOTICE, NOTICE.c.id == DELIVERY.c.notice)
    rows = connection.execute(told.where(DELIVERY.c.id.in_(ids)).order_by(DELIVERY.c.at, DELIVERY.c.id))
    return [Lease.model_validate({**row, "holder": holder}) for row in rows.mappings()]


def mark_sent(records: Records, sent: Lease, at: datetime) -> None:
    """Mark a delivery as sent, regardless of its current lease. Raises RecordsUnavailable."""
    done = {"state": DeliveryState.SENT, "tries": sent.tries + 1, "ended_at": at, "error": "", "lease": ""}
    with records.writing() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.id == sent.id, _WAITS).values(done))


def mark_failed(
    records: Records, failed: Lease, error: str, *, at: datetime, again_at: datetime | None
) -> None:
    """Mark a delivery as failed, or as given up if there is no next attempt. Changes nothing if another relay
    has leased it meanwhile.

    Raises RecordsUnavailable.
    """
    change: dict[str, object] = {"tries": failed.tries + 1, "error": error, "lease": ""}
    if again_at is None:
        change |= {"state": DeliveryState.FAILED, "ended_at": at}
    else:
        change |= {"next_at": again_at}
    held = (DELIVERY.c.id == failed.id) & (DELIVERY.c.lease == failed.holder)
    with records.writing() as connection:
        connection.execute(update(DELIVERY).where(held, _WAITS).values(change))


def phone_of(records: Records, number: str) -> str:
    """Return the enterprise's phone number from its claim. Raises RecordsUnavailable."""
    with records.reading() as connection:
        snapshot = connection.scalar(select(CLAIM.c.snapshot).where(CLAIM.c.number == number))
    return Claim.model_validate_json(snapshot).order.phone if snapshot else ""


def outbox_state(records: Records) -> OutboxState:
    """Count the deliveries. Raises RecordsUnavailable."""
    counted = select(DELIVERY.c.state, func.count()).group_by(DELIVERY.c.state)
    since = select(func.min(func.coalesce(DELIVERY.c.queued_at, DELIVERY.c.at, type_=DELIVERY.c.at.type)))
    with records.reading() as connection:
        counts = {DeliveryState(state): count for state, count in connection.execute(counted)}
        return OutboxState(counts=counts, oldest_waiting=connection.scalar(since.where(_WAITS)))


class OutboxFilter(BaseModel):
    """A filter of the ledger; all given conditions must hold."""

    model_config = ConfigDict(frozen=True)

    state: DeliveryState | None = None
    addressee: str = ""
    number: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filter as SQL conditions."""
        wanted = ((DELIVERY.c.state, self.state), (DELIVERY.c.addressee, self.addressee))
        asked = [column == value for column, value in wanted if value]
        return [*asked, DELIVERY.c.number == self.number] if self.number else asked


def deliveries(
    records: Records,
    *,
    state: DeliveryState | None = None,
    addressee: str = "",
    number: str = "",
    limit: int = 100,
) -> list[Delivery]:
    """Return the ledger's lines that match, newest first. Raises RecordsUnavailable."""
    wanted = OutboxFilter(state=state, addressee=addressee, number=number)
    told = select(DELIVERY, NOTICE.c.text).join(NOTICE, NOTICE.c.id == DELIVERY.c.notice)
    lines = told.where(*wanted.conditions())
    newest = lines.order_by(DELIVERY.c.at.desc(), DELIVERY.c.id.desc()).limit(limit)
    with records.reading() as connection:
        return [_delivery(row) for row in connection.execute(newest).mappings()]


def _delivery(row: RowMapping) -> Delivery:
    return Delivery.model_validate({**row, "text": what(EventKind(row["kind"]), row["text"])})
