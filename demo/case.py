"""One sample claim and its users, over HTTP, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import httpx
from pydantic import JsonValue

from claims.model.terms import Role
from claims.papers.requests import PaperKind
from data import SampleClaim
from demo.scan import scan_of
from service_layer.polling import growing

Json = dict[str, JsonValue]
Forward = Callable[[str, timedelta], Awaitable[None]]
Tokens = Callable[[Role, str | None], str]

A_MOMENT = timedelta(minutes=1)
_PATIENCE_SECONDS = 120
_COME_AGAIN = frozenset({httpx.codes.ACCEPTED, httpx.codes.SERVICE_UNAVAILABLE})


class StoryBroken(Exception):
    """The system did not do what the story expects. The message says where."""


class Case:
    """Performs people's actions on one claim. Each action is a request; an unexpected refusal raises StoryBroken."""

    def __init__(
        self,
        sample: SampleClaim,
        http: httpx.AsyncClient,
        *,
        tokens: Tokens,
        forward: Forward,
        unit_ids: dict[str, str],
    ) -> None:
        self.sample = sample
        self.number = ""
        self.view: dict[str, JsonValue] = {}
        self.step = "登记"
        self._http = http
        self._tokens = tokens
        self._forward = forward
        self._units = unit_ids
        self._acts = 0

    def unit(self, name: str) -> str:
        """Return a unit's id by its short name."""
        return self._units[name]

    @property
    def lead(self) -> str:
        """Id of the unit that handles the claim now."""
        dispatches = self.view["dispatches"]
        if not isinstance(dispatches, list) or not isinstance(dispatches[-1], dict):
            raise StoryBroken(f"{self.number}: 尚未派单")
        return str(dispatches[-1]["unit"])

    @property
    def co_units(self) -> list[str]:
        """Ids of the co-units now."""
        dispatches = self.view["dispatches"]
        if not isinstance(dispatches, list) or not isinstance(dispatches[-1], dict):
            raise StoryBroken(f"{self.number}: 尚未派单")
        found = dispatches[-1]["co_units"]
        return [str(unit) for unit in found] if isinstance(found, list) else []

    @property
    def now(self) -> datetime:
        """The claim's own clock, as of the last request."""
        return datetime.fromisoformat(str(self.view["now"]))

    async def register(self) -> None:
        """R10: the hotline's desk writes the work order."""
        sample = self.sample
        body: Json = {
            "channel": "12345",
            "external_id": f"DEMO-{sample.no:03}",
            "enterprise": sample.enterprise,
            "contact": "企业联系人",
            "phone": f"0632-55500{sample.no:02}",
            "enterprise_status": sample.enterprise_status,
            "district": sample.district,
            "town": sample.town,
            "category": sample.category,
            "subcategory": sample.subcategory,
            "matter": sample.text,
        }
        answer = await self._send_until_done("登记", self._post("/claims", body, Role.OPERATOR))
        self.number = answer.json()["number"]
        await self.look()

    async def act(self, action: str, role: Role, *, by_unit: str | None = None, **fields: JsonValue) -> None:
        """Perform an action and keep the new view."""
        self._acts += 1
        self.step = action
        body = {"request_id": f"demo-{self._acts}", **fields}
        request = self._post(f"/claims/{self.number}/{action}", body, role, by_unit)
        self.view = (await self._send_until_done(action, request)).json()

    async def unit_does(self, action: str, *, head: bool = False, **fields: JsonValue) -> None:
        """Perform an action of the handling unit, as its handler or its head."""
        await self.act(action, Role.HEAD if head else Role.HANDLER, by_unit=self.lead, **fields)

    async def look(self) -> None:
        """Fetch the claim's current view from its workflow, not from the records."""
        async with self._patience():
            for pause in growing():
                request = self._get(f"/claims/{self.number}", Role.SUPERVISOR)
                self.view = (await self._send_until_done("查看", request)).json()
                if not self.view["stale"]:
                    return
                await asyncio.sleep(pause)

    async def sealed_form(self) -> str:
        """R44: have the unit's review form signed, sealed and scanned; return the scan's id."""
        self.step = "审核反馈表"
        request = self._get(f"/attachments/{await self._form()}", Role.HEAD, self.lead)
        form = (await self._send_until_done("下载反馈表", request)).content
        sealed = {"file": ("反馈表（签字盖章）.pdf", scan_of(form))}
        headers = self._as(Role.HEAD, self.lead)
        upload = self._http.build_request(
            "POST", "/attachments", data={"claim": self.number}, files=sealed, headers=headers
        )
        return str((await self._send_until_done("上传反馈表", upload)).json()["id"])

    async def _form(self) -> str:
        """Return the form's attachment id once the form is filed."""
        async with self._patience():
            for pause in growing():
                request = self._get(f"/claims/{self.number}/attachments", Role.HEAD, self.lead)
                answer = await self._send_until_done("附件", request)
                for paper in answer.json()["attachments"]:
                    if paper["kind"] == PaperKind.REVIEW_FORM:
                        return str(paper["id"])
                await asyncio.sleep(pause)
        raise AssertionError("patience ends first")

    async def journal(self) -> list[Json]:
        """Return the claim's events in order."""
        answer = await self._send_until_done(
            "日志", self._get(f"/claims/{self.number}/journal", Role.AUDITOR)
        )
        entries: list[Json] = answer.json()["entries"]
        return entries

    async def wait(self, duration: timedelta) -> None:
        """Advance the claim's time."""
        self.step = f"等待 {duration}"
        await self._forward(self.number, duration)
        await self.look()

    async def wait_out(self, kind: str) -> None:
        """Advance time until one minute after the end of a running limit."""
        async with self._patience():
            pauses = growing()
            while (due := self._due(kind)) is None:
                await asyncio.sleep(next(pauses))
                await self.look()
        await self.wait(due - self.now + A_MOMENT)

    def _due(self, kind: str) -> datetime | None:
        """Return the end of a running limit, or None while it is being computed or the claim does not answer."""
        if self.view["stale"]:
            return None
        limits = self.view["limits"]
        rows = [row for row in limits if isinstance(row, dict)] if isinstance(limits, list) else []
        running = [row for row in rows if row["kind"] == kind and row["status"] == "running"]
        if not running:
            raise StoryBroken(f"{self.number}: 没有正在计时的时限 {kind}")
        due = running[-1]["due_at"]
        return datetime.fromisoformat(str(due)) if due else None

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """Allow a busy machine some time; raise StoryBroken after that."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                yield
        except TimeoutError as error:
            raise StoryBroken(f"{self.number} {self.step}：{_PATIENCE_SECONDS} 秒内没有办成") from error

    async def _send_until_done(self, what: str, request: httpx.Request) -> httpx.Response:
        """Send a request until it succeeds; repeating is safe. Retries when the system is busy or the
        connection breaks. Raises StoryBroken if the request is refused.
        """
        async with self._patience():
            for pause in growing():
                with suppress(httpx.TransportError):
                    answer = await self._http.send(request)
                    if answer.status_code not in _COME_AGAIN:
                        break
                await asyncio.sleep(pause)
        if not answer.is_success:
            raise StoryBroken(
                f"第{self.sample.no}件 {self.number} {what}：{answer.status_code} {answer.text[:500]}"
            )
        return answer

    def _get(self, path: str, role: Role, unit: str | None = None) -> httpx.Request:
        return self._http.build_request("GET", path, headers=self._as(role, unit))

    def _post(self, path: str, body: Json, role: Role, unit: str | None = None) -> httpx.Request:
        return self._http.build_request("POST", path, json=body, headers=self._as(role, unit))

    def _as(self, role: Role, unit: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens(role, unit)}"}
