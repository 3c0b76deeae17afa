"""The running system for stories: HTTP, and each claim's clock."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from runtime.local_stack import LocalStack
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.claims.credit_codes import code_of
from tests.support.polling import PATIENCE, eventually, pauses
from tests.support.rulebook.instants import Json
from tests.support.rulebook.people import NOBODY, Person
from workflows.messages import QUERY_STATE, ClaimState

LATER = frozenset({202, 503})


class City:
    """One running system for all stories."""

    def __init__(self, stack: LocalStack, http: httpx.AsyncClient, client: Client) -> None:
        self._http = http
        self._client = client
        self._skipper = TimeSkipper(client)
        self._key = load_or_make_key(stack.settings.token_key)
        self._tokens: dict[Person, str] = {}
        self._ahead: dict[str, timedelta] = {}

    async def ask(
        self,
        person: Person,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        form: Json | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> httpx.Response:
        """Send one request; repeat it if it was not answered in time."""
        headers = {"Authorization": f"Bearer {self._token(person)}"} if person != NOBODY else {}
        files = {"file": file} if file else None
        async with asyncio.timeout(PATIENCE):
            for pause in pauses():
                answer = await self._http.request(
                    method, path, headers=headers, json=body, data=form, files=files
                )
                if answer.status_code not in LATER:
                    return answer
                await asyncio.sleep(pause)
        raise AssertionError("patience ends first")

    async def forward(self, number: str, to: datetime) -> None:
        """Move a claim's clock to an instant; everything due before has then happened."""
        missing = to - self.now(number)
        assert missing > -timedelta(minutes=3), (
            f"the story goes back in time: {number} is {-missing} past {to}"
        )
        if missing > timedelta(0):
            self._ahead[number] = await self._skip(f"claim-{number}", missing)
            await eventually(lambda: self._is_settled(number), bool)

    def now(self, number: str) -> datetime:
        """Return a claim's own clock: it runs as fast as the real one, and is moved only here."""
        return datetime.now(UTC) + self._ahead.get(number, timedelta(0))

    async def forward_unit(self, unit: str, to: datetime) -> None:
        """Move a unit's clock to an instant."""
        handle = self._client.get_workflow_handle(f"unit-{unit}")
        await self._skip(f"unit-{unit}", to - await self._skipper.get_current_time(handle))

    async def _skip(self, workflow: str, duration: timedelta) -> timedelta:
        """Return the workflow's clock offset. A claim has its number before its workflow exists; a closed
        claim's clock stops.
        """
        handle = self._client.get_workflow_handle(workflow)
        await eventually(lambda: _exists(handle), bool)
        with suppress(RPCError):
            await self._skipper.fast_forward(handle, duration)
        return await self._skipper.get_current_time(handle) - datetime.now(UTC)

    async def _is_settled(self, number: str) -> bool:
        handle = self._client.get_workflow_handle(f"claim-{number}")
        state: ClaimState = await handle.query(QUERY_STATE, "", result_type=ClaimState)
        return state.is_settled

    def _token(self, person: Person) -> str:
        if person not in self._tokens:
            self._tokens[person] = issue_token(
                self._key,
                roles=person.roles,
                unit=person.unit,
                name=person.name,
                credit_code=code_of(person.name) if person.role == "enterprise" else "",
            )
        return self._tokens[person]


async def _exists(handle: WorkflowHandle[object, object]) -> bool:
    try:
        await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
