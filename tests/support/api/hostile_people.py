"""A flooded claim: users send the largest allowed bodies over HTTP, and raw signals without sense. In
between, its time passes and somebody performs the necessary actions.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

import httpx
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from activities.delivery import DELIVER, has_had_all_signals
from activities.workflow_ids import workflow_id
from claims.model.terms import Action, Role, Stage
from demo.scan import scan_of
from service_layer.identity.tokens import issue_token
from tests.support.api.city_desk import Desk, Json, parts
from tests.support.claims.credit_codes import code_of
from tests.support.claims.people import ENTERPRISE, POWER, TENGZHOU, WATER, usual
from tests.support.polling import patience
from workflows.messages import QUERY_STATE, ClaimState

TEXT: Final = "𠮷" * 5000
"""The longest text that a field accepts, in characters of four bytes."""
NAME: Final = "𠮷" * 200
TEXTS: Final = frozenset(
    (
        *("reason", "basis", "text", "summary", "work_so_far", "plan", "remark", "opinion", "evidence"),
        *("first_result", "second_result"),
    )
)
NAMES: Final = frozenset({"means", "person"})
AT_ONCE: Final = 8
ANSWERS: Final = frozenset({200, 202, 403, 404, 409, 413, 422, 503})

Flooder = tuple[Role, str, tuple[Action, ...]]
"""The flooding users: role, unit, and action."""

EVERYWHERE: Final[tuple[Flooder, ...]] = (
    (Role.ENTERPRISE, "", (Action.REMIND, Action.SUPPLEMENT, Action.CALL_BACK, Action.REOPEN)),
    (Role.CALLER, "", (Action.REMIND, Action.SUPPLEMENT, Action.CALL_BACK)),
    (Role.OPERATOR, "", (Action.SUPPLEMENT, Action.MERGE, Action.ANSWER)),
    (Role.SUPERVISOR, "", (Action.DECIDE_EXTENSION, Action.REFER, Action.CONFIRM_FALSE_FEEDBACK)),
    (Role.ARBITER, "", (Action.ARBITRATE,)),
    (Role.COORDINATOR, "", (Action.VERIFY,)),
    (Role.HANDLER, POWER, (Action.PROGRESS, Action.SIGN_FOR, Action.DELEGATE)),
    (Role.HEAD, POWER, (Action.PROGRESS, Action.REVIEW_FORM)),
    (Role.HANDLER, WATER, (Action.PROGRESS, Action.CONTACT)),
    (Role.HANDLER, TENGZHOU, (Action.PROGRESS, Action.REPLY)),
)
"""Actions that do not advance the claim, or are refused. `FULFILLING` has those that meet limits."""
FULFILLING: Final[tuple[Flooder, ...]] = ((Role.HANDLER, POWER, (Action.CONTACT, Action.REPLY)),)

NEXT: Final[Mapping[Stage, tuple[Action, Role, str, Json]]] = {
    Stage.REGISTERED: (Action.DISPATCH, Role.OPERATOR, "", {"co_units": [WATER]}),
    Stage.HANDLING: (Action.FEEDBACK, Role.HANDLER, POWER, {}),
    Stage.REDETERMINATION: (Action.REDETERMINE, Role.SUPERVISOR, "", {"decision": "confirm", "unit": ""}),
    Stage.ARBITRATION: (Action.ARBITRATE, Role.ARBITER, "", {"unit": POWER}),
    Stage.CALL_BACK: (
        Action.CALL_BACK,
        Role.CALLER,
        "",
        {"grade": "dissatisfied", "resolved": False, "contacted": True},
    ),
    Stage.REDO: (Action.FEEDBACK, Role.HANDLER, POWER, {}),
    Stage.REVIEW: (Action.REVIEW_FORM, Role.HEAD, POWER, {"signature": None}),
    Stage.VERIFICATION: (Action.VERIFY, Role.SUPERVISOR, "", {"compliant": True}),
    Stage.COMPLETION: (Action.FEEDBACK, Role.HANDLER, POWER, {}),
    Stage.LEADERSHIP: (Action.VERIFY, Role.COORDINATOR, "", {"compliant": True}),
}
"""The necessary action of each stage, its role, and fields besides the usual ones."""


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    """Return a payload with exactly this content."""
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


NONSENSE: Final[tuple[tuple[str, tuple[object, ...]], ...]] = (
    ("progress", ()),
    ("call_back", ()),
    ("no_such_signal", ({"text": "x"},)),
    ("contact", (raw(b"{", b"json/plain"),)),
    ("reply", (raw(b"\x00\x01", b"no/such-encoding"),)),
    ("remind", (raw(b'{"text": "\\u0000 \\ud800 \\udfff"}'),)),
    ("supplement", (raw(b"[" * 5000 + b"]" * 5000),)),
    ("supplement", ({"text": "x" * 500_000},)),
    ("feedback", ({"actor": {"sub": "x", "roles": ["emperor"]}, "body": {"outcome": "resolved"}},)),
    ("progress", ({"actor": {"sub": "x", "name": "n" * 100_000, "roles": ["handler"]}, "body": {"a": 1}},)),
    ("revoke_light", ({"number": "x", "light": "x", "reason": "x", "actor": {"sub": "x"}},)),
    ("revoke_light", ("nonsense",)),
    (
        "take_over",
        ({"request_id": "x", "number": "QH1", "into": "x", "enterprise": "x", "actor": {"sub": "x"}},),
    ),
    ("take_over_answered", ({"request_id": "x", "asked_by": "x", "answered_by": "x", "accepted": True},)),
    ("recompute_limits", ({"version": "no such version"},)),
    ("recompute_limits", ("nonsense",)),
    ("adopt_edition", ({"edition": "x"},)),
    ("adopt_edition", ({"edition": "x", "source": "x", "policy": {"resolve_days": -5, "revision": 99}},)),
)
TOO_LARGE: Final = ("supplement", ({"text": "x" * 1_900_000},))


@dataclass
class FloodedClaim:
    """One claim, and all answers about it."""

    desk: Desk
    client: Client
    random: Random
    number: str = ""
    told_done: set[str] = field(default_factory=set)
    told_pending: set[str] = field(default_factory=set)
    _requests: "count[int]" = field(default_factory=count)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def register(self) -> None:
        """Register a claim of the flooding enterprise."""
        self.number = await self.desk.registered(external_id=f"flooded-{self.random.random()}")

    @property
    def handle(self) -> "WorkflowHandle[object, object]":
        """The workflow's handle."""
        return self.client.get_workflow_handle(workflow_id(self.number))

    async def stage(self) -> Stage:
        """Return the claim's stage."""
        return Stage(str((await self.desk.view(self.number))["stage"]))

    async def flood(self, flooders: Sequence[Flooder], times: int, people: int) -> None:
        """Send everybody's requests concurrently."""
        acts = [
            (action, role, at, f"{role}-{at}-{nth}")
            for role, at, actions in flooders
            for action in actions
            for nth in range(people)
            for _ in range(times)
        ]
        self.random.shuffle(acts)
        now = datetime.fromisoformat(str((await self.desk.view(self.number))["now"]))
        await asyncio.gather(*(self._flood_once(*act, now) for act in acts))

    async def _flood_once(self, action: Action, role: Role, at: str, sub: str, now: datetime) -> None:
        body = {**_largest(usual(action, now)), "request_id": f"flood-{next(self._requests)}"}
        if action is Action.CALL_BACK:
            body |= {"reached": False, "grade": None, "resolved": None, "contacted": None}
        async with self._at_once:
            answer = await self._post(action, role, at, sub, body)
        assert answer.status_code in ANSWERS, (action, role, answer.status_code, answer.text[:300])
        if answer.status_code == 200:
            self.told_done.add(str(body["request_id"]))
        if answer.status_code == 202:
            self.told_pending.add(str(body["request_id"]))

    async def _post(
        self, action: Action, role: Role, at: str, sub: str, body: Mapping[str, object]
    ) -> httpx.Response:
        name = ENTERPRISE.name if role is Role.ENTERPRISE else ""
        token = issue_token(
            self.desk.key, roles=[role], unit=at, name=name, sub=sub, credit_code=code_of(name)
        )
        return await self.desk.http.post(
            f"/claims/{self.number}/{action}", json=body, headers={"Authorization": f"Bearer {token}"}
        )

    async def signal_nonsense(self, kinds: Iterable[tuple[str, tuple[object, ...]]] = NONSENSE) -> None:
        """Send each kind of invalid signal once, as long as the server accepts signals."""
        for name, arguments in kinds:
            with suppress(RPCError):
                await self.handle.signal(name, args=list(arguments))

    async def exhaust_signals(self) -> int:
        """Send raw signals until the server refuses; return how many it accepted."""
        for sent in count():
            try:
                await self.handle.signal(
                    "progress", {"summary": "x" * self.random.choice((1, 3000, 300_000))}
                )
            except RPCError as error:
                if not has_had_all_signals(error):
                    raise
                return sent
        raise AssertionError

    async def update_nonsense(self) -> None:
        """Check that invalid updates are rejected."""
        nonsense: tuple[tuple[str, JsonValue], ...] = (
            ("retime", {"answers": "x"}),
            ("take_edition", {"edition": "x"}),
            (DELIVER, {"signal": "no_such_signal", "message": {}}),
            (DELIVER, {"signal": "progress", "message": {"summary": "x"}}),
            (DELIVER, {"signal": "take_over", "message": {"number": "x"}}),
            ("no_such_update", {}),
        )
        for name, argument in nonsense:
            try:
                await self.handle.execute_update(name, argument)
            except WorkflowUpdateFailedError:
                continue
            raise AssertionError(name)

    async def advance(self, **fields: JsonValue) -> Stage:
        """Perform the stage's necessary action; return the next stage."""
        stage = await self.stage()
        action, role, at, said = NEXT[stage]
        body = {"request_id": f"next-{next(self._requests)}", **said, **fields}
        if action is Action.FEEDBACK and stage in (Stage.HANDLING, Stage.REDO, Stage.COMPLETION):
            for first in (Action.CONTACT, Action.REPLY):
                await self.insist(first, role, at, {"request_id": f"next-{next(self._requests)}"})
        if action is Action.REVIEW_FORM:
            body["seal"] = await self._sealed()
        done = await self.insist(action, role, at, body)
        assert done.status_code == 200, (stage, action, done.text)
        return await self.stage()

    async def insist(self, action: Action, role: Role, at: str, said: Mapping[str, object]) -> httpx.Response:
        """Send a request until it succeeds or is refused."""
        now = datetime.fromisoformat(str((await self.desk.view(self.number))["now"]))
        body = {**usual(action, now), **said}
        async with patience():
            while (answer := await self._post(action, role, at, f"{role}-honest", body)).status_code in (
                202,
                503,
            ):
                await asyncio.sleep(0.2)
        return answer

    async def _sealed(self) -> str:
        scan = scan_of(self.number.encode())
        answer = await self.desk.upload({"claim": self.number}, "反馈表.pdf", scan, Role.HEAD, at=POWER)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def forward(self, duration: timedelta) -> None:
        """Advance the claim's time."""
        await TimeSkipper(self.client).fast_forward(self.handle, duration)

    async def lights(self) -> dict[tuple[str, str], str]:
        """Return the instant of each light by limit and colour."""
        lit = parts(await self.desk.view(self.number), "lights")
        return {(str(light["limit"]), str(light["colour"])): str(light["at"]) for light in lit}

    async def check_that_nothing_is_lost(self) -> None:
        """Check that each acknowledged action is in the journal once, and that each received one has an outcome."""
        look: ClaimState = await self.handle.query(QUERY_STATE, result_type=ClaimState)
        entries = await self.desk.complete_journal(self.number, look.claim.seq)
        written = [str(entry["request_id"]) for entry in entries]
        lost = {request for request in self.told_done if request not in written}
        assert not lost, lost
        for request in sorted(self.told_pending):
            url = f"/claims/{self.number}/outcomes/{request}"
            assert (await self.desk.insist("GET", url, Role.AUDITOR)).status_code in (200, 409), request


def _largest(body: Mapping[str, object]) -> dict[str, object]:
    """Return the value with every text at its maximum length."""
    long = {name: TEXT for name in body if name in TEXTS} | {name: NAME for name in body if name in NAMES}
    return {**body, **long}
