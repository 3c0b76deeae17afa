"""Writes the steps of a claim. Idempotent.

The workflow is the truth: the later version of a journal line replaces the earlier one. The claim itself only
moves forward: an older step never overwrites a newer one.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Table, bindparam, delete, select

from claims.deadlines import recalculation
from claims.model.claim import Claim
from claims.model.claim_parts import Dispatch
from claims.model.journal import Entry, TransitionRecord
from claims.model.limit import Limit, worst_colour
from claims.model.organisation import UnitRef
from claims.model.policy import DEFAULT_POLICY
from claims.recording.change import NEVER, REGISTERED_AT, BaseLost, BaseNotYetWritten, ClaimChange
from claims.text.normalisation import name_key
from claims.urgency import most_urgent_end
from records import outbox, tables
from records.database import dialects
from records.database.dialects import Cell, Row
from records.database.engine import Records
from records.facts import writer as facts
from records.queries import search
from records.reconciliation import damage

_HELD: Final = (
    select(tables.CLAIM.c.seq, tables.CLAIM.c.snapshot)
    .where(tables.CLAIM.c.number == bindparam("of"))
    .with_for_update()
)
"""Built once: building a statement takes longer than running it."""


def write_step(records: Records, step: TransitionRecord) -> None:
    """Write a step in one transaction. Idempotent, in any order. Raises RecordsUnavailable."""
    write_steps(records, [step])


def write_change(records: Records, change: ClaimChange) -> None:
    """Write the changes of a claim in one transaction. Idempotent. Raises BaseLost, writing nothing, if the
    claim on record is not the base of the change; RecordsUnavailable.
    """
    with records.writing() as connection:
        held, claim = _changed(connection, change) if change.has_base else (None, change.claim)
        if claim is not None:
            step = TransitionRecord(
                claim=claim, entries=change.entries, outcomes=change.outcomes, notices=change.notices
            )
            write_within(connection, [step], held={claim.number: held} if held is not None else {})
        else:
            _write_lines(connection, {change.number: [change]})
            if change.has_base and facts.affects_facts(change.entries):
                facts.refresh_from_records(connection, [change.number])


def _changed(connection: Connection, change: ClaimChange) -> tuple[Claim | None, Claim | None]:
    """Return the claim on record if it is the base of the change, and the changed claim; None if the records
    already hold that or a later one.
    """
    row = connection.execute(_HELD, {"of": change.number}).one_or_none()
    if row is not None and row.seq >= change.seq > change.base:
        if damage.is_ahead_of_its_journal(connection, change.number, row.seq):
            raise BaseLost(change.number)
        return None, None
    if row is None and change.base == 0:
        return None, change.after(_opened(connection, change))
    if row is None or row.seq < change.base:
        raise BaseNotYetWritten(change.number)
    if row.seq != change.base:
        raise BaseLost(change.number)
    held = damage.claim_on_record(change.number, row.snapshot)
    return held, change.after(held)


def _opened(connection: Connection, change: ClaimChange) -> Claim:
    """Return the claim as registered (R10), at the change's base instant. Raises BaseLost if the records have
    no intake, or, after a loss, another one under its number.
    """
    found = connection.execute(select(tables.INTAKE.c.payload).where(tables.INTAKE.c.number == change.number))
    payload, registered_at = found.scalar_one_or_none(), change.changed.get(REGISTERED_AT)
    if not payload or registered_at is None or payload.get("received_at") not in (None, registered_at):
        raise BaseLost(change.number)
    return Claim(
        number=change.number,
        order=payload["order"],
        policy=payload.get("policy", DEFAULT_POLICY),
        registered_at=NEVER,
    )


def write_steps(records: Records, steps: Sequence[TransitionRecord]) -> None:
    """Write steps of any claims, in order, in one transaction; as `write_step`."""
    if steps:
        with records.writing() as connection:
            write_within(connection, steps)


def write_within(
    connection: Connection,
    steps: Sequence[TransitionRecord],
    *,
    held: Mapping[str, Claim] = MappingProxyType({}),
) -> None:
    """Write steps in order, within the caller's transaction; as `write_step`. `held` maps numbers to claims
    that the caller has just read; of those only the differences are written.
    """
    last = [step for step in _last_of_each(steps) if _moves_forward(connection, step)]
    newest = {step.claim.number: step.claim for step in last}
    if newest:
        _replace_parts(connection, [*newest.values()], held)
        orders = {number: claim.order for number, claim in newest.items() if number not in held}
        search.index(
            connection,
            {
                number: (order.enterprise, name_key(order.enterprise), order.matter)
                for number, order in orders.items()
            },
        )
    by_claim: dict[str, list[TransitionRecord | ClaimChange]] = {}
    for step in steps:
        by_claim.setdefault(step.claim.number, []).append(step)
    _write_lines(connection, by_claim)
    lines = {number: [entry for one in own for entry in one.entries] for number, own in by_claim.items()}
    facts.refresh(connection, newest, lines)
    facts.refresh_from_records(
        connection, [n for n, own in lines.items() if n not in newest and facts.affects_facts(own)]
    )


def _write_lines(
    connection: Connection, by_claim: Mapping[str, Sequence[TransitionRecord | ClaimChange]]
) -> None:
    """Write claims' journal lines, outcomes and notices; each line has its own key."""
    written = [(number, record) for number, records in by_claim.items() for record in records]
    journal = [{"number": number, **journal_cells(entry)} for number, one in written for entry in one.entries]
    outcomes = [
        {"number": number, "request_id": outcome.request_id, "outcome": outcome.model_dump_json()}
        for number, one in written
        for outcome in one.outcomes
        if outcome.request_id
    ]
    dialects.put(connection, tables.JOURNAL, journal)
    dialects.insert_missing(connection, tables.OUTCOME, outcomes)
    for number, one in written:
        outbox.enqueue_notices(connection, number, one.notices)


def _last_of_each(steps: Sequence[TransitionRecord]) -> list[TransitionRecord]:
    """Return each claim's last step, or, if that has no entries, when the claim last changed."""
    ordered = sorted(steps, key=lambda step: step.claim.seq)
    changed = {step.claim.number: step for step in ordered if step.entries}
    last = {step.claim.number: step for step in ordered}
    return [*changed.values(), *(step for step in last.values() if not step.entries)]


def _moves_forward(connection: Connection, step: TransitionRecord) -> bool:
    """Write the claim's row unless a newer one exists that its journal bears out; return whether it was written."""
    # A step without entries does not say when the claim last changed.
    kept = frozenset() if step.entries else frozenset({"updated_at"})
    change = dialects.upsert(
        connection.dialect.name, tables.CLAIM, kept=kept, newer_by="seq", returning="number"
    )
    row = _claim_row(step)
    if connection.execute(change, row).scalar() is not None:
        return True
    if not damage.put_back(connection, step.claim.number, step.claim.seq):
        return False
    return connection.execute(change, row).scalar() is not None


def _claim_row(step: TransitionRecord) -> dict[str, Cell]:
    claim, order, dispatch = step.claim, step.claim.order, step.claim.dispatch
    return {
        "number": claim.number,
        "seq": claim.seq,
        "stage": claim.stage,
        "unit": dispatch.unit.id if dispatch else "",
        "unit_name": dispatch.unit.name if dispatch else "",
        "district": order.district,
        "district_name": order.district_name,
        "category": order.category,
        "channel": order.channel,
        "enterprise": order.enterprise,
        "enterprise_key": name_key(order.enterprise),
        "credit_code": order.credit_code,
        "account": order.account,
        "complained_of": order.complained_of.id if order.complained_of else "",
        "contact": order.contact,
        "phone": order.phone,
        "matter": order.matter,
        "light": worst_colour(claim.lights) or "",
        "next_due": most_urgent_end(claim),
        "closed_reason": claim.closed.reason if claim.closed else "",
        "closed_at": claim.closed.at if claim.closed else None,
        "registered_at": claim.registered_at,
        "updated_at": step.entries[-1].recorded_at if step.entries else claim.registered_at,
        "snapshot": claim.model_dump_json(),
        "has_facts": True,
    }


def _replace_parts(connection: Connection, claims: Sequence[Claim], held: Mapping[str, Claim]) -> None:
    for table, rows_of in _PARTS.items():
        rows = {claim.number: rows_of(claim) for claim in claims}
        others = [n for n, own in rows.items() if n not in held or rows_of(held[n]) != own]
        if others:
            connection.execute(_DELETIONS[table], [{"of": number} for number in others])
        if new := [row for number in others for row in rows[number]]:
            connection.execute(table.insert(), new)


def _party_rows(claim: Claim) -> list[Row]:
    """Return the units that take or took part in the claim, which of them may see it (`claims.need_to_know`),
    and which leads now.

    A lead is above its delegate (R21), so the acting unit's path contains both.
    """
    parties = {above for dispatch in claim.dispatches for unit in _parties(dispatch) for above in unit.path}
    leads = set(claim.dispatch.acting.path) if claim.dispatch else set()
    dispatch = claim.dispatch
    current = {above for unit in _parties(dispatch) for above in unit.path} if dispatch else set()
    if dispatch:
        current |= set(dispatch.unit.path)
    return [
        {"number": claim.number, "unit": unit, "leads": unit in leads, "current": unit in current}
        for unit in sorted(parties | current)
    ]


def _parties(dispatch: Dispatch) -> tuple[UnitRef, ...]:
    return (dispatch.acting, *(co_unit.unit for co_unit in dispatch.co_units))


def journal_cells(entry: Entry) -> Row:
    """Return the columns of a journal line, for claims, units and cases."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "kind": entry.kind,
        "rules": list(entry.rules),
        "text": entry.text,
        "actor": entry.actor.model_dump(mode="json") if entry.actor else None,
        "request_id": entry.request_id,
        "data": entry.data,
    }


def _limit_row(claim: Claim, limit: Limit) -> Row:
    schedule = limit.schedule
    depends = recalculation.affected_days(claim, limit)
    return {
        "number": claim.number,
        "id": limit.id,
        "kind": limit.kind,
        "supervises": limit.of or "",
        "dispatch": limit.dispatch,
        "round": limit.round,
        "unit": limit.unit.id if limit.unit else "",
        "status": limit.status,
        "started_at": limit.started_at,
        "ended_at": limit.ended_at,
        "due_at": schedule.due_at if schedule else None,
        "last_day": schedule.last_day if schedule else None,
        "working_days": schedule.working_days if schedule else None,
        "provisional": schedule.provisional if schedule else False,
        "calendar_version": schedule.calendar_version if schedule else "",
        "depends_from": depends[0] if depends else None,
        "depends_until": depends[1] if depends else None,
        "held_against": recalculation.calendar_version_of(limit),
    }


def _limit_rows(claim: Claim) -> list[Row]:
    return [_limit_row(claim, limit) for limit in claim.limits]


def _light_rows(claim: Claim) -> list[Row]:
    return [{"number": claim.number, **light.model_dump()} for light in claim.lights]


def _letter_rows(claim: Claim) -> list[Row]:
    return [{"number": claim.number, **letter.model_dump()} for letter in claim.letters]


_PARTS: Final[Mapping[Table, Callable[[Claim], list[Row]]]] = {
    tables.CLAIM_PARTY: _party_rows,
    tables.LIMIT: _limit_rows,
    tables.LIGHT: _light_rows,
    tables.LETTER: _letter_rows,
}
"""The parts of a claim that are always written as a whole, and their rows."""

_DELETIONS: Final = {table: delete(table).where(table.c.number == bindparam("of")) for table in _PARTS}
