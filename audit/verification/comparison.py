"""Compares a replayed claim with the records, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from assessment.facts.extraction import recorded_facts, with_revocations
from assessment.facts.model import Fact
from audit.replay.later_revocations import revoked_lights, with_later_revocations
from audit.replay.replayed_run import ReplayedRun
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.unit_account import AccountLight
from claims.model.values import Value
from records.accounts import unit_account
from records.database.engine import Records
from records.facts.reader import claim_facts
from records.queries.claims import journal
from records.reconciliation.claim_rows import (
    LETTER_COLUMNS,
    LIGHT_COLUMNS,
    LIMIT_COLUMNS,
    Cell,
    RecordedClaim,
    recorded_claim,
)


class RowDiffers(Value):
    """A cell of the records that differs from the history; `field` is empty for a whole row."""

    table: str
    row: str
    field: str
    replayed: str
    recorded: str
    message: str


class Recorded(Value):
    """A claim's records, read in one snapshot."""

    rows: RecordedClaim | None
    journal: tuple[Entry, ...] = ()
    revoked: tuple[AccountLight, ...] = ()
    """Revoked lights of units' accounts (R37), whose claims may have closed before."""
    facts: tuple[Fact, ...] = ()


def read_recorded(records: Records, replayed: ReplayedRun) -> Recorded:
    """Read the records for a comparison. Raises RecordsUnavailable."""
    claim = replayed.claim
    if claim is None:
        return Recorded(rows=None)
    accounts = [unit_account(records, unit) for unit in sorted({light.unit for light in claim.lights})]
    with records.reading() as connection:
        facts = claim_facts(connection, claim.number)
    return Recorded(
        rows=recorded_claim(records, claim.number),
        journal=tuple(journal(records, claim.number)),
        revoked=tuple(light for account in accounts if account for light in revoked_lights(account)),
        facts=facts,
    )


def compare(replayed: ReplayedRun, recorded: Recorded) -> list[RowDiffers]:
    """Return differences in outcome, limits, lights, letters, journal and facts. Empty if records and history
    agree.
    """
    claim = replayed.claim
    if claim is None:
        return []
    if recorded.rows is None:
        return [_differs("claim", claim.number, "", "有", "无")]
    rows = recorded.rows
    claim, lines = with_later_revocations(claim, replayed.journal, recorded.revoked)
    revoked = frozenset(light.id for light in recorded.revoked)
    limits, lights, letters = _limit_rows(claim), _light_rows(claim, revoked), _letter_rows(claim)
    return [
        *_cells("claim", claim.number, _claim_row(claim), rows.claim),
        *_rows("limit_record", limits, rows.limits),
        *_rows("light", lights, rows.lights),
        *_rows("letter", letters, rows.letters),
        *_lines(lines, recorded.journal),
        *_facts(with_revocations(recorded_facts(claim, lines), revoked), recorded.facts),
    ]


def _claim_row(claim: Claim) -> Mapping[str, Cell]:
    return {
        "seq": claim.seq,
        "stage": claim.stage,
        "closed_reason": claim.closed.reason if claim.closed else "",
        "closed_at": claim.closed.at if claim.closed else None,
        "registered_at": claim.registered_at,
        "enterprise": claim.order.enterprise,
    }


def _limit_rows(claim: Claim) -> dict[str, Mapping[str, Cell]]:
    found: dict[str, Mapping[str, Cell]] = {}
    for limit in claim.limits:
        fixed = limit.schedule
        row = {
            **limit.model_dump(include=set(LIMIT_COLUMNS)),
            "unit": limit.unit.id if limit.unit else "",
            "due_at": fixed.due_at if fixed else None,
            "last_day": fixed.last_day if fixed else None,
            "working_days": fixed.working_days if fixed else None,
            "provisional": fixed.provisional if fixed else False,
            "calendar_version": fixed.calendar_version if fixed else "",
        }
        found[limit.id] = row
    return found


def _light_rows(claim: Claim, revoked: frozenset[str]) -> dict[str, Mapping[str, Cell]]:
    return {
        light.id: light.model_dump(include=set(LIGHT_COLUMNS))
        | {"revoked": light.revoked or light.id in revoked}
        for light in claim.lights
    }


def _letter_rows(claim: Claim) -> dict[str, Mapping[str, Cell]]:
    return {letter.id: letter.model_dump(include=set(LETTER_COLUMNS)) for letter in claim.letters}


def _rows(
    table: str, replayed: Mapping[str, Mapping[str, Cell]], recorded: Mapping[str, Mapping[str, Cell]]
) -> Iterator[RowDiffers]:
    for row in sorted(replayed.keys() | recorded.keys()):
        if row not in recorded:
            yield _differs(table, row, "", "有", "无")
        elif row not in replayed:
            yield _differs(table, row, "", "无", "有")
        else:
            yield from _cells(table, row, replayed[row], recorded[row])


def _cells(
    table: str, row: str, replayed: Mapping[str, Cell], recorded: Mapping[str, Cell]
) -> Iterator[RowDiffers]:
    for name, cell in replayed.items():
        if cell != recorded.get(name):
            yield _differs(table, row, name, _text(cell), _text(recorded.get(name)))


def _lines(replayed: Sequence[Entry], recorded: Sequence[Entry]) -> Iterator[RowDiffers]:
    ours = {entry.seq: entry for entry in replayed}
    theirs = {entry.seq: entry for entry in recorded}
    for seq in sorted(ours.keys() | theirs.keys()):
        mine, its = ours.get(seq), theirs.get(seq)
        if mine is None or its is None:
            yield _differs("journal", str(seq), "", "有" if mine else "无", "有" if its else "无")
        else:
            yield from _cells("journal", str(seq), _entry_row(mine), _entry_row(its))


def _entry_row(entry: Entry) -> Mapping[str, Cell]:
    plain = {name: str(value) for name, value in entry.model_dump(mode="json").items()}
    return {**plain, "at": entry.at, "recorded_at": entry.recorded_at}


def _facts(replayed: Sequence[Fact], recorded: Sequence[Fact]) -> Iterator[RowDiffers]:
    ours, theirs = ({fact.id: fact.model_dump() for fact in facts} for facts in (replayed, recorded))
    yield from _rows("assessment_fact", ours, theirs)


def _text(cell: Cell) -> str:
    if cell is None:
        return "空"
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)


_TABLES = {
    "claim": "工单",
    "limit_record": "时限",
    "light": "亮牌",
    "letter": "督办函",
    "journal": "日志",
    "assessment_fact": "考核数据",
}


def _differs(table: str, row: str, field: str, replayed: str, recorded: str) -> RowDiffers:
    what = f"{_TABLES[table]} {row}" + (f" 的 {field}" if field else "")
    return RowDiffers(
        table=table,
        row=row,
        field=field,
        replayed=replayed,
        recorded=recorded,
        message=f"{what}：历史为“{replayed}”，台账为“{recorded}”",
    )
