"""A city with claims in every stage, some of them late, to show on the web pages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from claims.model.terms import Role
from demo.acts import contact, reply
from demo.case import Case

POWER: Final = "ZZ-GD"
WATER: Final = "ZZ-SWJ"
BASIS: Final = "职责依据：供用电服务"
Scene = Callable[[Case], Awaitable[None]]


async def _dispatched(case: Case) -> None:
    await case.act("dispatch", Role.OPERATOR, unit=POWER, basis=BASIS, co_units=[WATER])


async def _in_hand(case: Case) -> None:
    await _dispatched(case)
    await case.unit_does("sign-for")
    await contact(case)
    await reply(case)


async def _late(case: Case) -> None:
    await _dispatched(case)
    await case.wait_out("contact")


async def _red(case: Case) -> None:
    await _late(case)
    await case.wait(timedelta(days=4))


async def _returned(case: Case) -> None:
    await _dispatched(case)
    await case.unit_does(
        "reject",
        head=True,
        reason="该处管线由供水企业维护",
        basis="市水务局权责清单第12项",
        suggested_unit=WATER,
    )


async def _referred(case: Case) -> None:
    await _returned(case)
    await case.act("refer", Role.SUPERVISOR, reason="两个单位职责交叉，依据不一")


async def _extension(case: Case) -> None:
    await _in_hand(case)
    await case.unit_does(
        "request-extension",
        head=True,
        kind="several-units",
        reason="需道路开挖许可与停电计划配合",
        work_so_far="已完成现场勘察和方案设计",
        plan="分两次停电施工，预计12个工作日",
        explained={"at": case.now.isoformat(), "means": "电话", "person": "企业联系人"},
    )


async def _fed_back(case: Case) -> None:
    await _in_hand(case)
    await case.unit_does("feedback", outcome="resolved", summary="已完成验收并送电，企业当场确认。")


async def _redo(case: Case) -> None:
    await _fed_back(case)
    await _disliked(case)


async def _review(case: Case) -> None:
    await _redo(case)
    await case.unit_does("feedback", outcome="service-confirmed", summary="已再次上门说明费用构成。")
    await _disliked(case)


async def _disliked(case: Case) -> None:
    await case.act(
        "call-back",
        Role.CALLER,
        reached=True,
        grade="dissatisfied",
        resolved=False,
        contacted=True,
        remark="电送上了，但停产期间的损失没有人答复。",
    )


async def _closed(case: Case) -> None:
    await _fed_back(case)
    await case.act(
        "call-back", Role.CALLER, reached=True, grade="very-satisfied", resolved=True, contacted=True
    )


async def _registered(case: Case) -> None:
    await case.look()


SCENES: Final[Sequence[tuple[str, Scene]]] = (
    ("registered", _registered),
    ("registered-too", _registered),
    ("to-sign-for", _dispatched),
    ("in-hand", _in_hand),
    ("late", _late),
    ("red", _red),
    ("returned", _returned),
    ("referred", _referred),
    ("extension", _extension),
    ("fed-back", _fed_back),
    ("redo", _redo),
    ("review", _review),
    ("closed", _closed),
)


async def play(cases: Sequence[Case]) -> dict[str, str]:
    """Play each scene with a sample claim; return the claims' numbers by scene name."""

    async def one(name: str, scene: Scene, case: Case) -> tuple[str, str]:
        await case.register()
        await scene(case)
        return name, case.number

    played = (one(name, scene, case) for (name, scene), case in zip(SCENES, cases, strict=False))
    return dict(await asyncio.gather(*played))
