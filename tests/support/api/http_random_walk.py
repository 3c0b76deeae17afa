"""A random walk of one claim over HTTP: users perform allowed actions, and sometimes forbidden ones, while
time passes; then the claim is closed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from random import Random
from typing import Final

import httpx
from pydantic import JsonValue
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from claims.model.terms import Action, CloseReason, Role, Stage
from demo.scan import scan_of
from tests.support.api.api_caller import ORDER
from tests.support.api.city_desk import Desk, Json, parts
from tests.support.claims.people import HOUSING, POWER, TENGZHOU, TENGZHOU_HOUSING, WATER, usual
from tests.support.polling import eventually

PATIENCE: Final = 180
UNITS: Final = (POWER, WATER, HOUSING, TENGZHOU)
GAPS: Final = (timedelta(hours=3), timedelta(days=1), timedelta(days=4), timedelta(days=13))
Choice = tuple[int, Action, Role]
"""Weight, action and role. Handlers and heads belong to the claim's unit."""

_AT_ANY_TIME: Final[tuple[Choice, ...]] = (
    (1, Action.REMIND, Role.CALLER),
    (1, Action.SUPPLEMENT, Role.OPERATOR),
    (1, Action.WITHDRAW, Role.CALLER),
)
CHOICES: Final[Mapping[Stage, tuple[Choice, ...]]] = {
    Stage.REGISTERED: (
        (10, Action.DISPATCH, Role.OPERATOR),
        (3, Action.ANSWER, Role.OPERATOR),
        (2, Action.DECLINE, Role.OPERATOR),
        (2, Action.MERGE, Role.OPERATOR),
        *_AT_ANY_TIME,
    ),
    Stage.ANSWERED: ((1, Action.CALL_BACK, Role.CALLER),),
    Stage.HANDLING: (
        (8, Action.FEEDBACK, Role.HANDLER),
        (2, Action.CONTACT, Role.HANDLER),
        (2, Action.REPLY, Role.HANDLER),
        (2, Action.SIGN_FOR, Role.HANDLER),
        (1, Action.PROGRESS, Role.HANDLER),
        (3, Action.REJECT, Role.HEAD),
        (1, Action.DELEGATE, Role.HANDLER),
        (2, Action.REQUEST_EXTENSION, Role.HEAD),
        (2, Action.DECIDE_EXTENSION, Role.SUPERVISOR),
        (1, Action.MERGE, Role.OPERATOR),
        *_AT_ANY_TIME,
    ),
    Stage.REDETERMINATION: ((3, Action.REDETERMINE, Role.SUPERVISOR), (1, Action.REFER, Role.SUPERVISOR)),
    Stage.ARBITRATION: ((1, Action.ARBITRATE, Role.ARBITER),),
    Stage.CALL_BACK: ((6, Action.CALL_BACK, Role.CALLER), (1, Action.VERIFY, Role.SUPERVISOR)),
    Stage.REDO: (
        (6, Action.FEEDBACK, Role.HANDLER),
        (1, Action.CONFIRM_FALSE_FEEDBACK, Role.SUPERVISOR),
        *_AT_ANY_TIME,
    ),
    Stage.REVIEW: ((4, Action.REVIEW_FORM, Role.HEAD), (1, Action.PROGRESS, Role.HANDLER)),
    Stage.VERIFICATION: ((1, Action.VERIFY, Role.SUPERVISOR),),
    Stage.COMPLETION: ((1, Action.FEEDBACK, Role.HANDLER),),
    Stage.LEADERSHIP: ((1, Action.VERIFY, Role.COORDINATOR),),
    Stage.CLOSED: (
        (2, Action.REPLY, Role.HANDLER),
        (1, Action.REOPEN, Role.CALLER),
        (1, Action.CONFIRM_FALSE_FEEDBACK, Role.SUPERVISOR),
    ),
}
ENDS: Final[Mapping[Stage, tuple[Action, Role]]] = {
    Stage.ANSWERED: (Action.CALL_BACK, Role.CALLER),
    Stage.CALL_BACK: (Action.CALL_BACK, Role.CALLER),
    Stage.REDO: (Action.FEEDBACK, Role.HANDLER),
    Stage.REVIEW: (Action.REVIEW_FORM, Role.HEAD),
    Stage.VERIFICATION: (Action.VERIFY, Role.SUPERVISOR),
    Stage.COMPLETION: (Action.FEEDBACK, Role.HANDLER),
}
"""The action that leads to the end from each stage. From any other stage the enterprise withdraws."""
GRADES: Final = ("satisfied", "fairly-satisfied", "dissatisfied", "very-dissatisfied", "very-dissatisfied")


@dataclass
class Town:
    """What all walks share, and their results."""

    desk: Desk
    client: Client
    seed: int
    numbers: dict[str, list[str]] = field(default_factory=dict)
    """Numbers of the claims by enterprise."""
    ended: int = 0
    accepted: int = 0
    refused: int = 0
    waits: int = 0
    revoked: int = 0
    lights: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class RandomClaim:
    """The n-th walk of a town. Its choices depend only on the seed."""

    def __init__(self, town: Town, n: int) -> None:
        self.number = ""
        self._town = town
        self._n = n
        self._enterprise = f"枣庄第{n // 3}机械有限公司"
        self._random = Random(f"{town.seed}-{n}")
        self._answers_the_phone = self._random.random() < 0.9
        self._view: Json = {}
        self._acts = 0

    async def play(self) -> None:
        """Play from registration until the workflow has closed."""
        async with asyncio.timeout(5 * PATIENCE):
            await self._register()
            for _ in range(self._random.randint(3, 16)):
                if self._stage is Stage.CLOSED:
                    break
                await (self._wait() if self._random.random() < 0.2 else self._do_something())
            while await self._is_running():
                await self._end()
        await self._look()
        self._count()

    @property
    def _stage(self) -> Stage:
        return Stage(str(self._view["stage"]))

    @property
    def _lead(self) -> str:
        dispatches = parts(self._view, "dispatches")
        return str(dispatches[-1]["unit"]) if dispatches else POWER

    async def _register(self) -> None:
        fields: Json = {
            "external_id": f"many-{self._town.seed}-{self._n}",
            "enterprise": self._enterprise,
            "category": self._random.choice(("consultation", "help", "help", "suggestion", "complaint")),
            "matter": f"第{self._n}件：厂区变压器已安装到位一个多月，供电验收一直排不上。",
        }
        body = {**ORDER, **fields}
        answer = await self._town.desk.insist("POST", "/claims", Role.OPERATOR, body=body)
        assert answer.status_code in (200, 201), answer.text
        self.number = str(answer.json()["number"])
        self._town.numbers.setdefault(self._enterprise, []).append(self.number)
        await self._look()

    async def _look(self) -> None:
        self._view = await self._town.desk.view(self.number)

    async def _do_something(self) -> None:
        choices = CHOICES[self._stage]
        [(_, action, role)] = self._random.choices(choices, weights=[weight for weight, *_ in choices])
        if action is Action.FEEDBACK and self._random.random() < 0.9:
            await self._do(Action.CONTACT, role)
            await self._do(Action.REPLY, role)
        await self._do(action, role)

    async def _do(self, action: Action, role: Role, **fields: JsonValue) -> None:
        """Perform an action. Refused actions are recorded too, and the walk continues."""
        self._acts += 1
        now = datetime.fromisoformat(str(self._view["now"]))
        said = {**usual(action, now), **await self._own_words(action), **fields}
        body = {"request_id": f"act-{self._acts}", **said}
        at = {Role.HANDLER: self._lead, Role.HEAD: self._lead, Role.ARBITER: "BB"}.get(role, "")
        path = f"/claims/{self.number}/{action}"
        answer = await self._town.desk.insist("POST", path, role, at=at, body=body)
        if answer.status_code == httpx.codes.OK:
            self._town.accepted += 1
            self._view = answer.json()
        else:
            assert answer.status_code in (403, 404, 409, 422), answer.text
            self._town.refused += 1
            await self._look()

    async def _own_words(self, action: Action) -> Json:
        pick = self._random
        own = self._town.numbers[self._enterprise]
        others = [number for number in own if number != self.number]
        match action:
            case Action.DISPATCH | Action.ARBITRATE:
                return {"unit": pick.choice(UNITS)}
            case Action.REDETERMINE:
                return {"decision": pick.choice(("confirm", "redispatch")), "unit": pick.choice(UNITS)}
            case Action.DELEGATE:
                return {"unit": TENGZHOU_HOUSING}
            case Action.DECIDE_EXTENSION:
                return {"approve": pick.random() < 0.6}
            case Action.CALL_BACK:
                return self._a_call()
            case Action.VERIFY:
                return {"compliant": pick.random() < 0.6, "order_days": pick.choice((None, 1, 5))}
            case Action.REJECT | Action.REQUEST_EXTENSION:
                return {"signature": await self._signed()}
            case Action.REVIEW_FORM:
                return {"signature": await self._signed(), "seal": await self._sealed()}
            case Action.MERGE if others:
                return {"into": pick.choice(others)}
            case _:
                return {}

    def _a_call(self) -> Json:
        if not self._answers_the_phone:
            return {"reached": False, "grade": None, "resolved": None, "contacted": None}
        return {"grade": self._random.choice(GRADES), "contacted": self._random.random() < 0.8}

    async def _signed(self) -> Json:
        """R15, R17, R44: return the head's signature, on a scan that the unit has uploaded."""
        return {"head": "李主任", "paper": await self._sealed()}

    async def _sealed(self) -> str:
        """Upload a scan of a signed and sealed paper; return its attachment id."""
        name, scan = "反馈表（签字盖章）.pdf", scan_of(self.number.encode())
        upload = partial(self._town.desk.upload, {"claim": self.number}, name, scan, Role.HEAD, at=self._lead)
        answer = await eventually(upload, lambda sent: sent.status_code != HTTPStatus.SERVICE_UNAVAILABLE)
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    async def _wait(self) -> None:
        self._town.waits += 1
        await self._forward(self._random.choice(GAPS))
        await self._look()
        if self._random.random() < 0.3:
            await self._revoke_a_light()

    async def _forward(self, duration: timedelta) -> None:
        handle = self._town.client.get_workflow_handle(workflow_id(self.number))
        try:
            await TimeSkipper(self._town.client).fast_forward(handle, duration)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _revoke_a_light(self) -> None:
        """R37: revoke a light while the claim is open, so that its own history contains it."""
        lights = [light for light in parts(self._view, "lights") if not light["revoked"]]
        if not lights or self._view["closed"] is not None:
            return
        light = self._random.choice(lights)
        body = {"request_id": f"revoke-{light['id']}", "light": light["id"], "reason": "平台责任"}
        desk, path = self._town.desk, f"/units/{light['unit']}/revoke-light"
        while (done := await desk.insist("POST", path, Role.SUPERVISOR, body=body)).status_code != 200:
            assert done.status_code in (404, 409), done.text  # the unit has not received the light yet
            body["request_id"] = f"{body['request_id']}-"
            await asyncio.sleep(0.2)
        self._town.revoked += 1
        shown = {**light, "revoked": True}
        while shown not in parts(self._view, "lights"):
            await asyncio.sleep(0.1)
            await self._look()

    async def _is_running(self) -> bool:
        found = await self._town.client.get_workflow_handle(workflow_id(self.number)).describe()
        assert found.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _end(self) -> None:
        if self._stage is not Stage.CLOSED:
            action, role = ENDS.get(self._stage, (Action.WITHDRAW, Role.CALLER))
            await self._do(action, role)
            if action is Action.CALL_BACK and not self._answers_the_phone:
                await self._wait()
        elif self._random.random() < 0.5:
            await self._do_something()
        else:
            await self._forward(timedelta(days=40))
            await self._look()

    def _count(self) -> None:
        closed = self._view["closed"]
        assert isinstance(closed, dict), self.number
        reason = CloseReason(str(closed["reason"]))
        self._town.reasons[reason] = self._town.reasons.get(reason, 0) + 1
        self._town.lights += len(parts(self._view, "lights"))
        self._town.ended += 1
