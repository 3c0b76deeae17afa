"""One sample claim in the hands of its people, over HTTP; time passes as the story needs it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import httpx
from pydantic import JsonValue

from claims.papers import PaperKind
from claims.terms import Role
from data import SampleClaim
from demo.scan import scan_of

Json = dict[str, JsonValue]
Forward = Callable[[str, timedelta], Awaitable[None]]
Tokens = Callable[[Role, str | None], str]

A_MOMENT = timedelta(minutes=1)
_PATIENCE_SECONDS = 120
_POLL_SECONDS = 0.1


class StoryBroken(Exception):
    """The system did not do what the story says; the message tells where."""


class Case:
    """What people do to one claim. Every act is a request; a refusal breaks the story unless expected."""

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
        """A unit's id by its short name."""
        return self._units[name]

    @property
    def lead(self) -> str:
        """Id of the unit that has the claim now."""
        dispatches = self.view["dispatches"]
        if not isinstance(dispatches, list) or not isinstance(dispatches[-1], dict):
            raise StoryBroken(f"{self.number}: 尚未派单")
        return str(dispatches[-1]["unit"])

    @property
    def now(self) -> datetime:
        """The claim's own clock, when it was last looked at."""
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
        answer = await self._insist("/claims", body, self._as(Role.OPERATOR))
        if answer.status_code != httpx.codes.OK:  # 200: it had arrived, and was sent again
            self._expect(answer, httpx.codes.CREATED, "登记")
        self.number = answer.json()["number"]
        await self.look()

    async def act(self, action: str, role: Role, *, by_unit: str | None = None, **fields: JsonValue) -> None:
        """Do something and take the new view."""
        self._acts += 1
        self.step = action
        body = {"request_id": f"demo-{self._acts}", **fields}
        answer = await self._insist(f"/claims/{self.number}/{action}", body, self._as(role, by_unit))
        self._expect(answer, httpx.codes.OK, action)
        self.view = answer.json()

    async def unit_does(self, action: str, *, head: bool = False, **fields: JsonValue) -> None:
        """An act of the unit that has the claim, by its handler or its head."""
        await self.act(action, Role.HEAD if head else Role.HANDLER, by_unit=self.lead, **fields)

    async def look(self) -> None:
        """Take the current view: the claim's own word, not what the records last knew."""
        async with self._patience():
            while True:
                answer = await self._http.get(f"/claims/{self.number}", headers=self._as(Role.SUPERVISOR))
                self._expect(answer, httpx.codes.OK, "查看")
                self.view = answer.json()
                if not self.view["stale"]:
                    return
                await asyncio.sleep(_POLL_SECONDS)

    async def sealed_form(self) -> str:
        """R44: the unit takes its review form, has it signed, sealed and scanned; the scan's id."""
        self.step = "审核反馈表"
        headers = self._as(Role.HEAD, self.lead)
        form = await self._form(headers)
        content = await self._http.get(f"/attachments/{form}", headers=headers)
        self._expect(content, httpx.codes.OK, "下载反馈表")
        sealed = {"file": ("反馈表（签字盖章）.pdf", scan_of(content.content))}
        answer = await self._http.post(
            "/attachments", data={"claim": self.number}, files=sealed, headers=headers
        )
        self._expect(answer, httpx.codes.CREATED, "上传反馈表")
        return str(answer.json()["id"])

    async def _form(self, headers: dict[str, str]) -> str:
        """The form's attachment id, once it is drawn up."""
        async with self._patience():
            while True:
                answer = await self._http.get(f"/claims/{self.number}/attachments", headers=headers)
                self._expect(answer, httpx.codes.OK, "附件")
                for paper in answer.json()["attachments"]:
                    if paper["kind"] == PaperKind.REVIEW_FORM:
                        return str(paper["id"])
                await asyncio.sleep(_POLL_SECONDS)

    async def journal(self) -> list[Json]:
        """Every event in order."""
        answer = await self._http.get(f"/claims/{self.number}/journal", headers=self._as(Role.AUDITOR))
        self._expect(answer, httpx.codes.OK, "日志")
        entries: list[Json] = answer.json()["entries"]
        return entries

    async def wait(self, duration: timedelta) -> None:
        """Let the claim's time pass."""
        self.step = f"等待 {duration}"
        await self._forward(self.number, duration)
        await self.look()

    async def wait_out(self, kind: str) -> None:
        """Let a running limit end and a minute more pass."""
        async with self._patience():
            while (due := self._due(kind)) is None:
                await asyncio.sleep(_POLL_SECONDS)
                await self.look()
        await self.wait(due - self.now + A_MOMENT)

    def _due(self, kind: str) -> datetime | None:
        """When a running limit ends; None while its end is being fixed, or the claim has not answered."""
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
        """A busy machine is given time; one that does not come to it breaks the story."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                yield
        except TimeoutError as error:
            raise StoryBroken(f"{self.number} {self.step}：{_PATIENCE_SECONDS} 秒内没有办成") from error

    async def _insist(self, path: str, body: Json, headers: dict[str, str]) -> httpx.Response:
        """Send the same until it is done or refused: repeating is safe, and a busy system asks for it."""
        async with self._patience():
            while True:
                answer = await self._http.post(path, json=body, headers=headers)
                if answer.status_code not in (httpx.codes.ACCEPTED, httpx.codes.SERVICE_UNAVAILABLE):
                    return answer
                await asyncio.sleep(_POLL_SECONDS)

    def _as(self, role: Role, unit: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens(role, unit)}"}

    def _expect(self, answer: httpx.Response, status: int, what: str) -> None:
        if answer.status_code != status:
            raise StoryBroken(
                f"第{self.sample.no}件 {self.number} {what}：{answer.status_code} {answer.text[:500]}"
            )
