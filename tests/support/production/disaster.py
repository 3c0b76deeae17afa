"""The loss of the database's disk during use: backup, loss and restore by docs/operations.md."""

import asyncio
import shutil
from collections.abc import Callable
from itertools import count
from typing import Final

import httpx

from claims.model.terms import Role
from tests.support.api.api_caller import ORDER
from tests.support.claims.people import POWER
from tests.support.polling import until
from tests.support.production.city import POSTGRES_DATA, City

PEOPLE: Final = 4
"""Concurrent users."""
ACTS: Final = 4
"""Actions on each claim."""
BEFORE, AFTER = 6, 12
"""Acknowledged actions before the base backup, and after it."""
RECEIVED: Final = (httpx.codes.OK, httpx.codes.CREATED, httpx.codes.ACCEPTED)
Token = Callable[[Role, str | None], str]


class People:
    """Register claims and report progress until the system is lost. `told` has the acknowledged actions by claim."""

    def __init__(self, http: httpx.AsyncClient, token: Token) -> None:
        self._http = http
        self._token = token
        self._numbered = count()
        self.told: dict[str, list[str]] = {}

    @property
    def acknowledged(self) -> int:
        """The number of acknowledged actions."""
        return sum(1 + len(acts) for acts in self.told.values())

    async def act(self) -> None:
        """Act until nobody answers."""
        try:
            while True:
                await self._claim()
        except httpx.TransportError:
            pass

    async def _claim(self) -> None:
        sent = {**ORDER, "external_id": f"DISASTER-{next(self._numbered)}"}
        answer = await self._post("/claims", sent, Role.OPERATOR)
        if answer.status_code not in RECEIVED:
            return
        number = str(answer.json()["number"])
        told = self.told.setdefault(number, [])
        await self._post(f"/claims/{number}/dispatch", {"unit": POWER}, Role.OPERATOR)
        for _ in range(ACTS):
            said = f"进展{next(self._numbered):06}号"
            answer = await self._post(f"/claims/{number}/progress", {"summary": said}, Role.HANDLER, POWER)
            if answer.status_code in RECEIVED:
                told.append(said)

    async def _post(
        self, path: str, body: dict[str, str], role: Role, unit: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(role, unit)}"}
        return await self._http.post(path, json=body, headers=headers)

    async def lost(self) -> list[str]:
        """Return acknowledged actions that are not exactly once in their claim's journal."""
        return [
            f"{number}: {said or 'registration'}"
            for number, acts in self.told.items()
            for said in (await self._missing(number, acts))
        ]

    async def _missing(self, number: str, acts: list[str]) -> list[str]:
        headers = {"Authorization": f"Bearer {self._token(Role.COORDINATOR, None)}"}
        answer = await self._http.get(f"/claims/{number}/journal", headers=headers)
        return [said for said in acts if answer.text.count(said) != 1] if answer.is_success else ["", *acts]


async def lose_and_restore(city: City, base_url: str, token: Token) -> dict[str, object]:
    """Return the acknowledged actions, and those missing after restoring."""
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as http:
        people = People(http, token)
        acting = [asyncio.create_task(people.act()) for _ in range(PEOPLE)]
        await until(lambda: _reached(people, BEFORE))
        backed_up = await asyncio.to_thread(city.command, "backup")
        wanted = people.acknowledged + AFTER
        await until(lambda: _reached(people, wanted))
        await asyncio.to_thread(_lose_everything, city)
        await asyncio.gather(*acting)
        restored = await asyncio.to_thread(city.command, "restore")
        said = (backed_up.stdout + backed_up.stderr + restored.stdout + restored.stderr).decode()
        if backed_up.returncode or restored.returncode:
            return {"restoring": said}
        names = ("postgresql", "postgresql-wal", "temporal", "temporal-ui", "worker", "api")
        await asyncio.to_thread(city.restart, *names)
        lost = await _lost_in_the_end(people)
    verified = city.command("worker", "archive", "verify").stdout.decode()
    return {"acknowledged": people.acknowledged, "lost": lost, "restoring": said, "archive": verified}


async def _lost_in_the_end(people: People) -> list[str]:
    """Return the missing actions after workers have written the remaining records."""
    try:
        await until(lambda: _nothing_lost(people))
    except TimeoutError:
        return await people.lost()
    return []


async def _nothing_lost(people: People) -> bool:
    return not await people.lost()


async def _reached(people: People, acts: int) -> bool:
    return people.acknowledged >= acts


def _lose_everything(city: City) -> None:
    """Cut power and delete the disk at once."""
    for name, one in city.running.items():
        if one.poll() is None:
            city.kill(name)
    for entry in POSTGRES_DATA.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
