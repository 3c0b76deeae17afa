"""Connections and concurrent requests for each address, so that no address takes them all."""

from collections import Counter
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problems import Kind, Problem, answer
from api.http.requests.client_address import client_address

_RETRY_SECONDS: Final = 10


class AddressCounts:
    """The connections of each address; `most` is the limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Count one more. False if the address has its maximum already."""
        if self._counts[address] >= self.most:
            return False
        self._counts[address] += 1
        return True

    def give_back(self, address: str) -> None:
        """One fewer."""
        self._counts[address] -= 1
        if self._counts[address] <= 0:
            del self._counts[address]


class AddressLimit:
    """Answers 429 beyond the limit; behind a trusted proxy, by the address that the proxy names."""

    def __init__(self, app: ASGIApp, most: int, trusted: str) -> None:
        self._app = app
        self._requests = AddressCounts(most)
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = client_address(Request(scope), self._trusted)
        if not self._requests.take(address):
            await answer(too_many(self._requests.most))(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests.give_back(address)


def too_many(most: int) -> Problem:
    """Return the answer to an address at its limit."""
    return Problem(
        Kind.TOO_MANY,
        f"同一地址同时打开的连接、提交的请求不能超过{most}个",
        instead="请关闭不用的页面或连接，稍后再试；多人共用一个出口地址的，请系统管理员调高 ZAOYING_ADDRESS_CONNECTIONS",
        headers={"Retry-After": str(_RETRY_SECONDS), "Connection": "close"},
    )
