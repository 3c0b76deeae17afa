"""Users of the running system over HTTP, who retry as needed."""

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
"""Status codes after which the same request is sent again."""


OFFICES = {Role.ARBITER: "BB"}
"""The units of roles that have only one in the city."""


class Desk:
    """Users with tokens, with or without a unit."""

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
        """Send one request and keep its answer in `answers`. Raises httpx.TransportError."""
        token = issue_token(self.key, roles=[role], unit=at or OFFICES.get(role, ""))
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": request_id}
        answer = await self.http.request(method, path, headers=headers, json=body)
        self.answers.append(answer)
        return answer

    async def insist(
        self, method: str, path: str, role: Role, *, at: str = "", body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        """Send a request until it succeeds, as a careful client does: again after 202, 503 and broken connections."""
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
        """Upload a file for a claim or a measure."""
        headers = {"Authorization": f"Bearer {issue_token(self.key, roles=[role], unit=at)}"}
        answer = await self.http.post(
            "/attachments", data=form, files={"file": (name, content)}, headers=headers
        )
        self.answers.append(answer)
        return answer

    async def register(self, **fields: object) -> httpx.Response:
        """Register the usual claim with some fields changed, in a single request."""
        return await self.ask("POST", "/claims", Role.OPERATOR, body=_order(fields))

    async def registered(self, **fields: object) -> str:
        """Register a claim, retrying until it succeeds; return its number."""
        answer = await self.insist("POST", "/claims", Role.OPERATOR, body=_order(fields))
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["number"])

    async def act(
        self, number: str, action: Action, role: Role, *, at: str = "", **fields: object
    ) -> httpx.Response:
        """Perform an action in a single request."""
        return await self.ask("POST", f"/claims/{number}/{action}", role, at=at, body=_body(action, fields))

    async def must(
        self, number: str, action: Action, role: Role, *, at: str = "", **fields: object
    ) -> httpx.Response:
        """Perform an action, retrying until it succeeds."""
        path, body = f"/claims/{number}/{action}", _body(action, fields)
        answer = await self.insist("POST", path, role, at=at, body=body)
        assert answer.status_code == 200, answer.text
        return answer

    async def dispatched(self, **fields: object) -> str:
        """Return a new claim dispatched to the power company, with its limits scheduled."""
        number = await self.registered(**fields)
        await self.must(number, Action.DISPATCH, Role.OPERATOR)
        return number

    async def progress(self, number: str, request_id: str) -> httpx.Response:
        """Report progress by the unit."""
        return await self.act(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id=request_id)

    async def latest_view(self, number: str) -> Json:
        """Return the claim as the API shows it, from its workflow or from the records."""
        answer = await self.insist("GET", f"/claims/{number}", Role.AUDITOR)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def view(self, number: str) -> Json:
        """Return the claim's view from its workflow."""
        return await eventually(lambda: self.latest_view(number), lambda found: not found["stale"])

    async def journal(self, number: str) -> list[Json]:
        """Return the events in the records, in order."""
        answer = await self.insist("GET", f"/claims/{number}/journal", Role.AUDITOR)
        assert answer.status_code == 200, answer.text
        entries: list[Json] = answer.json()["entries"]
        return entries

    async def complete_journal(self, number: str, length: int) -> list[Json]:
        """Return the journal once it has this many lines; check that they are numbered without gaps."""

        async def is_long_enough() -> bool:
            return len(await self.journal(number)) >= length

        await until(is_long_enough)
        entries = await self.journal(number)
        assert [entry["seq"] for entry in entries] == list(range(1, length + 1))
        return entries

    async def count(self) -> int:
        """Return the number of claims in the records."""
        answer = await self.ask("GET", "/claims?with_total=true", Role.AUDITOR)
        return int(answer.json()["total"])

    async def is_ready(self) -> bool:
        """Return whether all services behind the API are available."""
        try:
            return (await self.http.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False


def _order(fields: Mapping[str, object]) -> dict[str, object]:
    return {**ORDER, "external_id": "", **fields}


def _body(action: Action, fields: Mapping[str, object]) -> dict[str, object]:
    return {"request_id": str(action), **usual(action, datetime.now(UTC)), **fields}


def parts(view: Json, name: str) -> list[Json]:
    """Return the limits, lights or dispatches of a view."""
    found = view[name]
    assert isinstance(found, list)
    return [part for part in found if isinstance(part, dict)]


def limits(view: Json) -> dict[str, tuple[str, str]]:
    """Return the limits' instants and states by kind."""
    return {str(part["kind"]): (str(part["due_at"]), str(part["status"])) for part in parts(view, "limits")}


@asynccontextmanager
async def desk_of(city: LocalStack) -> AsyncIterator[Desk]:
    """Yield the users of a running system."""
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=PATIENCE) as http:
        yield Desk(city.settings.token_key, http)
