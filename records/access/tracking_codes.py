"""One-time codes sent to phones (R10, R39), shared by all API and relay processes."""

import hmac
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from claims.model.journal import Notice
from records import outbox
from records.database import dialects
from records.database.engine import Records
from records.tables import TRACKING_CODE

VALID_FOR: Final = timedelta(minutes=10)
MOST_WRONG: Final = 5
"""Number of wrong tries that invalidates a code."""
MOST_SENT: Final = ((3, timedelta(hours=1)), (8, timedelta(days=1)))
"""Maximum number of codes for the phone of one claim, and the period."""
_KEPT_FOR: Final = timedelta(days=1)


def send_code(
    records: Records, number: str, code: str, notice: Notice, *, phone: str = ""
) -> timedelta | None:
    """Store a code and its notice, replacing an earlier code. If there were too many, store nothing and
    return how long to wait. `number` is a claim's in the records; with `phone`, it is the account. Raises
    RecordsUnavailable.
    """
    at = notice.at
    with records.writing() as connection:
        dialects.lock_tracking(connection)
        if (wait := _wait(connection, number, at)) is not None:
            return wait
        _forget(connection, TRACKING_CODE.c.number == number)
        old = TRACKING_CODE.c.at <= at - _KEPT_FOR
        connection.execute(delete(TRACKING_CODE).where(old))
        row = {"id": notice.id, "number": number, "code": code, "at": at}
        connection.execute(
            TRACKING_CODE.insert(), {**row, "expires_at": at + VALID_FOR, "wrong": 0, "phone": phone}
        )
        outbox.enqueue_notices(connection, "" if phone else number, [notice])
    return None


def use_code(records: Records, number: str, code: str, at: datetime) -> bool:
    """Return whether this is the claim's code, and invalidate it if so. Raises RecordsUnavailable."""
    its_own = TRACKING_CODE.c.number == number
    valid = its_own & (TRACKING_CODE.c.code != "") & (TRACKING_CODE.c.expires_at > at)
    with records.writing() as connection:
        dialects.lock_tracking(connection)
        found = connection.execute(select(TRACKING_CODE).where(valid)).mappings().first()
        if found is None:
            return False
        is_right = hmac.compare_digest(str(found["code"]).encode(), code.encode())
        wrong = int(found["wrong"]) + (not is_right)
        connection.execute(update(TRACKING_CODE).where(its_own).values(wrong=wrong))
        if is_right or wrong >= MOST_WRONG:
            _forget(connection, its_own)
    return is_right


def code_to_send(records: Records, notice: str, at: datetime) -> str:
    """Return the code for a notice; empty if it is no longer valid. Raises RecordsUnavailable."""
    valid = (TRACKING_CODE.c.id == notice) & (TRACKING_CODE.c.expires_at > at)
    with records.reading() as connection:
        return connection.scalar(select(TRACKING_CODE.c.code).where(valid)) or ""


def phone_to_send_to(records: Records, notice: str) -> str:
    """Return the phone for a notice's code; empty if it is a claim's. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return connection.scalar(select(TRACKING_CODE.c.phone).where(TRACKING_CODE.c.id == notice)) or ""


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(update(TRACKING_CODE).where(which).values(code="", phone=""))


def _wait(connection: Connection, number: str, at: datetime) -> timedelta | None:
    for most, within in MOST_SENT:
        recent = (TRACKING_CODE.c.number == number) & (TRACKING_CODE.c.at > at - within)
        count = connection.scalar(select(func.count()).select_from(TRACKING_CODE).where(recent)) or 0
        if count >= most:
            latest = select(TRACKING_CODE.c.at).where(recent).order_by(TRACKING_CODE.c.at.desc())
            blocking = connection.scalar(latest.offset(most - 1).limit(1))
            return within if blocking is None else blocking + within - at
    return None
