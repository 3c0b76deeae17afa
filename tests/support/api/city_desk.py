"""The people of the city before the running system: HTTP in, answers out, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from pydantic import JsonValue

from claims.model.terms import Action, Role
from runtime.local_stack import LocalStack
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.api.api_caller import ORDER
from tests.support.claims.people import POWER, usual
from tests.support.polling import PATIENCE, eventually, patience, pauses, until

Json = dict[str, JsonValue]

AGAIN = frozenset({202, 503})
"""Answers after which the same request is to be sent again."""


OFFICES = {Role.ARBITER: "BB"}
"""Where those sit who have one place in the city."""


class Desk:
    """Everybody who has a token, each at a unit's desk or at none."""

    def __init__(self, token_key: Path, http: httpx.AsyncClient) -> None:
        self.http = http
        self.answers: list[httpx.Response] = []
        self.key = load_or_make_key(token_key)

    async def ask(
        self,
        method: str,
        path: str,
        role: Role,
        *,
        at: str = "",
        body: Mapping[str, object] | None = None,
        request_id: str = "",
    ) -> httpx.Response:
        """One request; its answer is also kept in `answers`. Raises httpx.TransportError."""
        token = issue_token(self.key, roles=[role], unit=at or OFFICES.get(role, ""))
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": request_id}
        answer = await self.http.request(method, path, headers=headers, json=body)
        self.answers.append(answer)
        return answer

    async def insist(
        self, method: str, path: str, role: Role, *, at: str = "", body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        """Send the same until it is done, as a careful client does: after 202, 503 and broken lines."""
        async with patience():
            for pause in pauses():
                try:
                    answer = await self.ask(method, path, role, at=at, body=body)
                    if answer.status_code not in AGAIN:
                        return answer
                except httpx.TransportError:
                    pass
                await asyncio.sleep(pause)
        raise AssertionError("patience ends first")

    async def upload(
        self, form: Mapping[str, str], name: str, content: bytes, role: Role, *, at: str = ""
    ) -> httpx.Response:
        """A file for what the form names: a claim, or a measure."""
        headers = {"Authorization": f"Bearer {issue_token(self.key, roles=[role], unit=at)}"}
        answer = await self.http.post(
            "/attachments", data=form, files={"file": (name, content)}, headers=headers
        )
        self.answers.append(answer)
        return answer

    async def register(self, **fields: object) -> httpx.Response:
        """The usual claim, with other fields where the test says so; sent once."""
        return await self.ask("POST", "/claims", Role.OPERATOR, body=_order(fields))

    async def registered(self, **fields: object) -> str:
        """The number of a claim, however often it has to be sent."""
        answer = await self.insist("POST", "/claims", Role.OPERATOR, body=_order(fields))
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["number"])

    async def act(
        self, number: str, action: Action, role: Role, *, at: str = "", **fields: object
    ) -> httpx.Response:
        """Do something once."""
        return await self.ask("POST", f"/claims/{number}/{action}", role, at=at, body=_body(action, fields))

    async def must(
        self, number: str, action: Action, role: Role, *, at: str = "", **fields: object
    ) -> httpx.Response:
        """Do something that has to be done in the end, however often it has to be sent."""
        path, body = f"/claims/{number}/{action}", _body(action, fields)
        answer = await self.insist("POST", path, role, at=at, body=body)
        assert answer.status_code == 200, answer.text
        return answer

    async def dispatched(self, **fields: object) -> str:
        """A new claim on the desk of the power company; its limits run."""
        number = await self.registered(**fields)
        await self.must(number, Action.DISPATCH, Role.OPERATOR)
        return number

    async def progress(self, number: str, request_id: str) -> httpx.Response:
        """A line of progress by the unit."""
        return await self.act(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id=request_id)

    async def told(self, number: str) -> Json:
        """The claim as the API tells it: its own word, or what the records last knew."""
        answer = await self.insist("GET", f"/claims/{number}", Role.AUDITOR)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def view(self, number: str) -> Json:
        """The claim's own word."""
        return await eventually(lambda: self.told(number), lambda found: not found["stale"])

    async def journal(self, number: str) -> list[Json]:
        """Every event in order, as the records have it."""
        answer = await self.insist("GET", f"/claims/{number}/journal", Role.AUDITOR)
        assert answer.status_code == 200, answer.text
        entries: list[Json] = answer.json()["entries"]
        return entries

    async def complete_journal(self, number: str, length: int) -> list[Json]:
        """The journal once it has so many lines; their numbers are 1, 2, 3 without a gap."""

        async def is_long_enough() -> bool:
            return len(await self.journal(number)) >= length

        await until(is_long_enough)
        entries = await self.journal(number)
        assert [entry["seq"] for entry in entries] == list(range(1, length + 1))
        return entries

    async def count(self) -> int:
        """How many claims there are, as the records have them."""
        answer = await self.ask("GET", "/claims?with_total=true", Role.AUDITOR)
        return int(answer.json()["total"])

    async def is_ready(self) -> bool:
        """Does everything behind the API work?"""
        try:
            return (await self.http.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False


def _order(fields: Mapping[str, object]) -> dict[str, object]:
    return {**ORDER, "external_id": "", **fields}


def _body(action: Action, fields: Mapping[str, object]) -> dict[str, object]:
    return {"request_id": str(action), **usual(action, datetime.now(UTC)), **fields}


def parts(view: Json, name: str) -> list[Json]:
    """The limits, lights or dispatches of a view."""
    found = view[name]
    assert isinstance(found, list)
    return [part for part in found if isinstance(part, dict)]


def limits(view: Json) -> dict[str, tuple[str, str]]:
    """The limits' instants and states by kind."""
    return {str(part["kind"]): (str(part["due_at"]), str(part["status"])) for part in parts(view, "limits")}


@asynccontextmanager
async def desk_of(city: LocalStack) -> AsyncIterator[Desk]:
    """The people before a running system."""
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=PATIENCE) as http:
        yield Desk(city.settings.token_key, http)
