"""Units' accounts: the current state and the journal."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from claims.actions.revocation import revoke_after_end
from claims.model.claim import Claim
from claims.model.journal import Entry, Notice, TransitionRecord
from claims.model.limit import worst_colour
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.unit_account import UnitAccount
from claims.units.interviews import interviews_on_another_calendar
from records import outbox
from records.claim_writer import journal_cells, write_within
from records.database import dialects
from records.database.engine import Records
from records.facts import writer as facts
from records.tables import CLAIM, LIGHT, UNIT_ACCOUNT, UNIT_JOURNAL


def write_account(
    records: Records, account: UnitAccount, entries: Sequence[Entry], notices: Sequence[Notice] = ()
) -> None:
    """Write an account's state, journal lines and notices. Idempotent, in any order. Raises RecordsUnavailable."""
    row = {"unit": account.unit, "seq": account.seq, "snapshot": account.model_dump_json()}
    with records.writing() as connection:
        statement = dialects.insert_into(connection, UNIT_ACCOUNT).values(row)
        newer = {"seq": statement.excluded.seq, "snapshot": statement.excluded.snapshot}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["unit"], set_=newer, where=UNIT_ACCOUNT.c.seq <= statement.excluded.seq
            )
        )
        rows = [{"unit": account.unit, **journal_cells(entry)} for entry in entries]
        dialects.put(connection, UNIT_JOURNAL, rows)
        outbox.enqueue_notices(connection, "", notices)


def unit_account(records: Records, unit: str) -> UnitAccount | None:
    """Return the account as last written, or None for a unit that never had a light."""
    with records.reading() as connection:
        text = connection.scalar(select(UNIT_ACCOUNT.c.snapshot).where(UNIT_ACCOUNT.c.unit == unit))
    return UnitAccount.model_validate_json(text) if text is not None else None


def units_with_other_calendar(records: Records, version: str) -> list[str]:
    """Return units with an open interview whose end comes from another calendar (R6, R35). Raises
    RecordsUnavailable.
    """
    accounts = every_account(records)
    return [account.unit for account in accounts if interviews_on_another_calendar(account, version)]


def every_account(records: Records) -> list[UnitAccount]:
    """Return all accounts by unit. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return accounts_within(connection)


def accounts_within(connection: Connection) -> list[UnitAccount]:
    """Return all accounts by unit, within the caller's transaction."""
    texts = connection.scalars(select(UNIT_ACCOUNT.c.snapshot).order_by(UNIT_ACCOUNT.c.unit))
    return [UnitAccount.model_validate_json(text) for text in texts]


def unit_journal(records: Records, unit: str) -> list[Entry]:
    """Return a unit's journal in order."""
    lines = select(UNIT_JOURNAL).where(UNIT_JOURNAL.c.unit == unit).order_by(UNIT_JOURNAL.c.seq)
    with records.reading() as connection:
        return [Entry.model_validate(dict(row)) for row in connection.execute(lines).mappings()]


def revoke_light(records: Records, word: LightRevoked) -> None:
    """R37: mark a closed claim's light as revoked, with a journal line if the revocation has a date.
    Idempotent. An open claim writes its own.
    """
    with records.writing() as connection:
        wanted = select(CLAIM.c.snapshot).where(CLAIM.c.number == word.number)
        text = connection.scalar(wanted.with_for_update())
        if text is None:
            return
        claim = Claim.model_validate_json(text)
        if word.at is None or not claim.over:
            _mark_light(connection, claim, word.light)
            return
        step = revoke_after_end(claim, word, word.at)
        if step.entries:
            lines = TransitionRecord(
                claim=step.claim, entries=tuple(step.entries), notices=tuple(step.notices)
            )
            write_within(connection, [lines])


def _mark_light(connection: Connection, claim: Claim, light: str) -> None:
    connection.execute(update(LIGHT).where(LIGHT.c.id == light).values(revoked=True))
    claim.lights = [
        found.model_copy(update={"revoked": True}) if found.id == light else found for found in claim.lights
    ]
    row = {"snapshot": claim.model_dump_json(), "light": worst_colour(claim.lights) or ""}
    connection.execute(update(CLAIM).where(CLAIM.c.number == claim.number).values(row))
    facts.refresh(connection, {claim.number: claim})
