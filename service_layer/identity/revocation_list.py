"""Revoked tokens and ended sessions, read from the records every few seconds."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from records.access.token_revocations import RevokedBy, end_session, revocations
from records.errors import RecordsUnavailable
from service_layer.clock import now
from service_layer.errors import unavailable
from service_layer.records_executor import RecordsExecutor

FRESH_SECONDS: Final = 5.0
"""After this, a revocation is in effect in every API."""

log = structlog.get_logger()


class RevocationList:
    """While the records do not answer, the last known list is used; without any list, nobody is let in."""

    def __init__(self, records: RecordsExecutor, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._tokens: frozenset[str] = frozenset()
        self._people: Mapping[str, datetime] = {}
        self._sessions: frozenset[str] = frozenset()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def has(self, *, sub: str, jti: str, issued_at: datetime) -> bool:
        """Return whether a token, or a session that began with it, is revoked. Raises UNAVAILABLE where no
        list was ever read.
        """
        await self._refresh()
        until = self._people.get(sub)
        return jti in self._tokens or (until is not None and issued_at <= until)

    async def has_ended(self, session: str) -> bool:
        """Return whether a session was ended by its holder. Raises UNAVAILABLE as `has`."""
        await self._refresh()
        return session in self._sessions

    async def end(self, session: str, until: datetime) -> None:
        """End a session at once, including copies of its cookie. `until` is its expiry. Raises
        RecordsUnavailable; then it has ended in this process only.
        """
        try:
            await self._records.run(end_session, session, at=now(), until=until)
        finally:
            self._sessions |= {session}

    async def _refresh(self) -> None:
        if self._is_fresh():
            return
        async with self._reading:
            if self._is_fresh():
                return
            try:
                found = await self._records.run(revocations)
            except RecordsUnavailable as error:
                if self._read_at is None:
                    raise unavailable("台账数据库暂时没有应答，无法核对令牌，请求没有办理") from error
                log.warning("revocations-unavailable")
                self._read_at = self._clock()
                return
            self._tokens = frozenset(one.value for one in found if one.kind is RevokedBy.TOKEN)
            self._people = {one.value: one.at for one in found if one.kind is RevokedBy.PERSON}
            self._sessions = frozenset(one.value for one in found if one.kind is RevokedBy.SESSION)
            self._read_at = self._clock()

    def _is_fresh(self) -> bool:
        return self._read_at is not None and self._clock() - self._read_at < FRESH_SECONDS
