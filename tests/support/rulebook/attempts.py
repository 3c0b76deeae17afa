"""Requests in a story: each is a step that must succeed, or the subject of an assertion."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import httpx

from demo.scan import scan_of
from tests.support.claims.credit_codes import code_of
from tests.support.polling import eventually
from tests.support.rulebook.instants import Json
from tests.support.rulebook.people import AUDITOR, OPERATOR, Person, usual
from tests.support.rulebook.scene import Failed, Scene


class Attempt(ABC):
    """A request."""

    @abstractmethod
    async def send(self, scene: Scene) -> httpx.Response:
        """Send it and return the answer, whatever it is."""

    async def play(self, scene: Scene) -> None:
        """Send it. Raises Failed if it is refused."""
        answer = await self.send(scene)
        if answer.status_code not in (200, 201):
            raise Failed(f"{self}: {answer.status_code} {answer.text[:400]}")


@dataclass(frozen=True)
class Registered(Attempt):
    """A new claim, under a name within the story, with the usual fields unless overridden."""

    claim: str
    by: Person
    fields: Json

    async def send(self, scene: Scene) -> httpx.Response:
        """Register the claim under its name in the story."""
        body = _order(scene, self.claim, self.fields)
        answer = await scene.post(self.by, "/claims", body=body)
        if answer.status_code in (200, 201):
            scene.claims[self.claim] = answer.json()["number"]
        return answer


@dataclass(frozen=True)
class Act(Attempt):
    """An action at an instant of the claim's clock."""

    at: str
    by: Person
    action: str
    claim: str
    fields: Json

    async def send(self, scene: Scene) -> httpx.Response:
        """Advance the claim's clock, then send the action."""
        await scene.until(self.at, self.claim)
        number = scene.number(self.claim)
        body = {**usual(self.action, scene.city.now(number)), **_filled(scene, self.fields)}
        return await scene.post(
            self.by, f"/claims/{number}/{self.action}", body={"request_id": uuid4().hex, **body}
        )


@dataclass(frozen=True)
class UnitAct(Attempt):
    """An action on a unit's account, about its latest measure of a kind or a light of a claim."""

    by: Person
    unit: str
    action: str
    measure: str
    light: tuple[str, str, str]
    fields: Json

    async def send(self, scene: Scene) -> httpx.Response:
        """Wait until the account has the measure or light, then send the action."""
        named, known = ("measure", self._measure) if self.measure else ("light", self._light)
        try:
            found = await eventually(lambda: known(scene), bool)
        except TimeoutError as error:
            raise Failed(f"{self.unit} has no {self.measure or self.light}") from error
        body = {"request_id": uuid4().hex, named: found, **_filled(scene, self.fields)}
        return await scene.post(self.by, f"/units/{self.unit}/{self.action}", body=body)

    async def _measure(self, scene: Scene) -> str:
        account = (await scene.city.ask(AUDITOR, "GET", f"/units/{self.unit}")).json()
        found = [one["id"] for one in account["measures"] if one["kind"] == self.measure]
        return found[-1] if found else ""

    async def _light(self, scene: Scene) -> str:
        claim, limit, colour = self.light
        account = (await scene.city.ask(AUDITOR, "GET", f"/units/{self.unit}")).json()
        wanted = (scene.number(claim), limit, colour)
        found = [one for one in account["lights"] if (one["number"], one["limit"], one["colour"]) == wanted]
        return found[-1]["id"] if found else ""


@dataclass(frozen=True)
class Upload(Attempt):
    """A signed and sealed paper filed with a claim, under a name within the story."""

    name: str
    by: Person
    claim: str

    async def send(self, scene: Scene) -> httpx.Response:
        """Upload a paper that is unique to the story."""
        paper = ("盖章扫描件.pdf", scan_of(f"{scene.story} {self.name}".encode()))
        form = {"claim": scene.number(self.claim)}
        answer = await scene.post(self.by, "/attachments", form=form, file=paper)
        if answer.status_code in (200, 201):
            scene.papers[self.name] = answer.json()["id"]
        return answer


@dataclass(frozen=True)
class Request(Attempt):
    """Any other POST."""

    by: Person
    path: str
    body: Json

    async def send(self, scene: Scene) -> httpx.Response:
        """Send it. `{it}` in the path is the number of the claim of that name."""
        body = {"request_id": uuid4().hex, **_filled(scene, self.body)}
        return await scene.post(self.by, self.path.format(**scene.claims), body=body)


@dataclass(frozen=True)
class DeclinedByTheLists(Attempt):
    """A claim is declined for a reason of the directory of doors, and referred to its listed door."""

    at: str
    reason: str

    async def send(self, scene: Scene) -> httpx.Response:
        """Send it with the listed door."""
        listed = (await scene.get(OPERATOR, "/directory/doors")).json()
        doors = [one["id"] for one in listed.get("doors", []) if self.reason in one["reasons"]]
        fields = {"reason": self.reason, "door": doors[0] if doors else ""}
        return await Act(self.at, OPERATOR, "decline", "it", fields).send(scene)


def registered(claim: str = "it", by: Person = OPERATOR, **fields: object) -> Registered:
    """Return the registration of a claim."""
    return Registered(claim, by, fields)


def act(at: str, by: Person, action: str, claim: str = "it", /, **fields: object) -> Act:
    """Return an action on a claim, at an instant or at once."""
    return Act(at, by, action, claim, fields)


def unit_act(
    by: Person,
    unit: str,
    action: str,
    *,
    measure: str = "",
    light: tuple[str, str, str] = ("", "", ""),
    **fields: object,
) -> UnitAct:
    """Return an action on a unit's account; `light` is claim, limit and colour."""
    return UnitAct(by, unit, action, measure, light, fields)


def upload(name: str, by: Person, claim: str = "it") -> Upload:
    """Return the filing of a paper."""
    return Upload(name, by, claim)


def request(by: Person, path: str, **body: object) -> Request:
    """Return any other request."""
    return Request(by, path, body)


def _filled(scene: Scene, fields: Json) -> Json:
    """Replace `$it` by the number of the claim of that name, and `@form` by the paper of that name."""
    return {name: _value(scene, value) for name, value in fields.items()}


def _value(scene: Scene, value: object) -> object:
    match value:
        case str() if value.startswith("$"):
            return scene.number(value[1:])
        case str() if value.startswith("@"):
            return scene.papers[value[1:]]
        case dict():
            return _filled(scene, value)
        case datetime():
            return value.isoformat()
        case _:
            return value


def _order(scene: Scene, claim: str, fields: Json) -> Json:
    usual_order = {
        "channel": "desk",
        "enterprise": f"枣庄{scene.story}有限公司",
        "contact": "王经理",
        "phone": "0632-5550004",
        "district": "滕州市",
        "category": "help",
        "matter": f"{scene.story}：{claim}号厂区的手续一直办不下来。",
    }
    filled = {**usual_order, **_filled(scene, fields)}
    return {"credit_code": code_of(str(filled["enterprise"])), **filled}
