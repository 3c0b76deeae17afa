"""Connections that nobody holds open: a request's head must arrive within some seconds."""

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 10.0
"""From the connection, or the first byte of its next request, to the end of the head."""


class TimedConnection(H11Protocol):
    """uvicorn's protocol, which by itself times only idle connections between two requests."""

    head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._time_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # A client that was answered early and goes on sending its body has as long.
        if self.cycle.response_complete and self.conn.their_state is h11.SEND_BODY:
            self._start_head_timer()

    def _time_head(self) -> None:
        is_under_way = self.cycle is not None and not self.cycle.response_complete
        if is_under_way:
            self._stop_head_timer()
        elif self.head_timer is None:
            self._start_head_timer()

    def _start_head_timer(self) -> None:
        self._stop_head_timer()
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._end)

    def _stop_head_timer(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _end(self) -> None:
        self.head_timer = None
        if not self.transport.is_closing():
            self.transport.abort()
