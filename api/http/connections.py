"""Limits of connections: a request's head must arrive within seconds, and each address has a maximum number."""

import asyncio
from typing import ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.problems import answer
from api.http.requests.address_limit import AddressCounts, too_many
from api.http.requests.client_address import peer_address

HEAD_SECONDS: Final = 10.0
"""From the connection, or the first byte of its next request, to the end of the head."""


class TimedConnection(H11Protocol):
    """uvicorn's protocol with a timeout for a request's head; uvicorn itself only times idle connections."""

    head_timer: asyncio.TimerHandle | None = None
    peers: ClassVar[AddressCounts | None] = None
    trusted: ClassVar[str] = ""
    address = ""
    """The peer's, where it is counted."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._start_head_timer()
        peer = peer_address(self.client[0], self.trusted) if self.client else ""
        if self.peers is None or not peer:
            return
        if self.peers.take(peer):
            self.address = peer
        else:
            # If it were closed at once, the client would not see the answer. It does not count among the server's connections.
            self.app = answer(too_many(self.peers.most))
            self.connections.discard(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.peers is not None and self.address:
            self.peers.give_back(self.address)
            self.address = ""
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._time_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # The same time for a client that was answered early and is still sending its body.
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


def counted_connections(most: int, trusted: str) -> type[TimedConnection]:
    """Return the protocol of one server: an address has so many connections, but for proxies, through which
    many come.
    """

    class Counted(TimedConnection):
        peers = AddressCounts(most)

    Counted.trusted = trusted
    return Counted
