"""Writing what a step of a claim leaves, so that writing it again changes nothing.

The workflow is the truth: of two versions of one journal line the later written stays. The claim as a
whole only moves forward: what an older step says of it never overwrites what a newer one said.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Table, bindparam, delete

from claims.deadlines import expiry, recalculation
from claims.model.claim import Claim, Dispatch
from claims.model.journal import Entry, StepRecord
from claims.model.limit import Light, Limit
from claims.model.organisation import UnitRef
from claims.model.terms import Colour
from records import outbox, tables
from records.database import dialects
from records.database.dialects import Cell, Row
from records.database.engine import Records
from records.queries import search


def write_step(records: Records, step: StepRecord) -> None:
    """Write a step in one transaction. Idempotent, in any order. Raises RecordsUnavailable."""
    write_steps(records, [step])


def write_steps(records: Records, steps: Sequence[StepRecord]) -> None:
    """Write steps, in order, of any claims in one transaction; as `write_step`."""
    if not steps:
        return
    with records.writing() as connection:
        last = [step for step in _last_of_each(steps) if _moves_forward(connection, step)]
        newest = {step.claim.number: step.claim for step in last}
        if newest:
            _replace_parts(connection, [*newest.values()])
            orders = {number: claim.order for number, claim in newest.items()}
            search.index(
                connection, {number: (order.enterprise, order.matter) for number, order in orders.items()}
            )
        dialects.put(connection, tables.JOURNAL, [row for step in steps for row in _journal_rows(step)])
        dialects.insert_missing(
            connection, tables.OUTCOME, [row for step in steps for row in _outcomes(step)]
        )
        for step in steps:
            outbox.enqueue_notices(connection, step.claim.number, step.notices)


def _last_of_each(steps: Sequence[StepRecord]) -> list[StepRecord]:
    """What is left of each claim in the end; and before it, where that has no entries, when it last changed."""
    ordered = sorted(steps, key=lambda step: step.claim.seq)
    changed = {step.claim.number: step for step in ordered if step.entries}
    last = {step.claim.number: step for step in ordered}
    return [*changed.values(), *(step for step in last.values() if not step.entries)]


def _moves_forward(connection: Connection, step: StepRecord) -> bool:
    """Write the claim's row unless a newer one is there; was it written?"""
    # A step without entries says nothing about when the claim last changed.
    kept = frozenset() if step.entries else frozenset({"updated_at"})
    change = dialects.upsert(connection.dialect.name, tables.CLAIM, kept=kept, newer_by="seq")
    written = connection.execute(change.returning(tables.CLAIM.c.number), _claim_row(step))
    return written.scalar() is not None


def _claim_row(step: StepRecord) -> dict[str, Cell]:
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
        "matter": order.matter,
        "light": worst(claim.lights),
        "next_due": expiry.next_due(claim),
        "closed_reason": claim.closed.reason if claim.closed else "",
        "closed_at": claim.closed.at if claim.closed else None,
        "registered_at": claim.registered_at,
        "updated_at": step.entries[-1].recorded_at if step.entries else claim.registered_at,
        "snapshot": claim.model_dump_json(),
    }


def worst(lights: list[Light]) -> str:
    """The worst colour that is not revoked; empty where there is none."""
    colours = {light.colour for light in lights if not light.revoked}
    return next((colour for colour in (Colour.RED, Colour.YELLOW) if colour in colours), "")


def _replace_parts(connection: Connection, claims: Sequence[Claim]) -> None:
    numbers = [{"of": claim.number} for claim in claims]
    for table, rows_of in _PARTS.items():
        connection.execute(delete(table).where(table.c.number == bindparam("of")), numbers)
        if rows := [row for claim in claims for row in rows_of(claim)]:
            connection.execute(table.insert(), rows)


def _party_rows(claim: Claim) -> list[Row]:
    """Who may see the claim (`claims.lifecycle.may_see`), and who of them leads it now.

    A lead stands above its delegate (R21), so the acting unit's path holds both.
    """
    parties = {above for dispatch in claim.dispatches for unit in _parties(dispatch) for above in unit.path}
    leads = set(claim.dispatch.acting.path) if claim.dispatch else set()
    return [{"number": claim.number, "unit": unit, "leads": unit in leads} for unit in sorted(parties)]


def _parties(dispatch: Dispatch) -> tuple[UnitRef, ...]:
    return (dispatch.acting, *(co_unit.unit for co_unit in dispatch.co_units))


def _journal_rows(step: StepRecord) -> list[Row]:
    return [{"number": step.claim.number, **journal_cells(entry)} for entry in step.entries]


def _outcomes(step: StepRecord) -> list[Row]:
    return [
        {"number": step.claim.number, "request_id": outcome.request_id, "outcome": outcome.model_dump_json()}
        for outcome in step.outcomes
        if outcome.request_id
    ]


def journal_cells(entry: Entry) -> Row:
    """The columns of one journal line, whoever's journal it is."""
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
    depends = recalculation.span(claim, limit)
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
        "held_against": recalculation.version_of(limit),
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
"""What of a claim is written whole each time, and its rows."""
