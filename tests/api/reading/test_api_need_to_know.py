"""Who sees whose claim it is: each person in each situation, at every endpoint (§1, R53, R54).

The oracle is the table below, written from the rulebook. `none`: the claim is invisible. `plain`: enterprise,
contact and phone are shown. `masked`: the claim is shown without anything that identifies its enterprise.
"""

import csv
import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import httpx
import pytest

from claims.model.claim_parts import CoUnit
from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Category, Role, Stage
from records.claim_writer import write_step
from records.database.engine import Records
from service_layer.identity.tokens import issue_token
from tests.support.api.api_caller import Caller
from tests.support.claims.credit_codes import code_of
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    CALLER,
    ENTERPRISE,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    WATERWORKS,
    XUECHENG,
    person,
    ref,
)

NUMBER: Final = "QH202611240001"
PATH: Final = f"/claims/{NUMBER}"
NAME: Final = ENTERPRISE.name
SPOKEN: Final = "山东拓岳精密铸造（有限公司）王经理，139-0555-0009或（0632）5550004，代码"
"""Text that unnecessarily identifies the enterprise, with the expected replacement."""
GIVEAWAYS: Final = ("拓岳", "精密铸造", "王经理", "0555-0009", "5550004", ENTERPRISE.credit_code)

CONTACTS: Final = ("王经理", "0555-0009", "5550004")
"""Not in lists, for which no reading is recorded (R70)."""

PEOPLE: Final[Mapping[str, tuple[Role, str]]] = {
    "operator": (Role.OPERATOR, ""),
    "supervisor": (Role.SUPERVISOR, ""),
    "caller": (Role.CALLER, ""),
    "auditor": (Role.AUDITOR, ""),
    "arbiter": (Role.ARBITER, "BB"),
    "coordinator": (Role.COORDINATOR, "LG-ZH"),
    "inspector": (Role.INSPECTOR, "LG-DD"),
    "admin": (Role.ADMIN, ""),
    "lead": (Role.HANDLER, TENGZHOU),
    "lead's head": (Role.HEAD, TENGZHOU),
    "delegate": (Role.HANDLER, TENGZHOU_HOUSING),
    "co-unit": (Role.HANDLER, WATER),
    "former lead": (Role.HANDLER, POWER),
    "stranger": (Role.HANDLER, XUECHENG),
    "owner": (Role.ENTERPRISE, ""),
    "namesake": (Role.ENTERPRISE, ""),
    "channel": (Role.CHANNEL, ""),
}
CITY: Final = {
    **dict.fromkeys(("operator", "supervisor", "caller", "auditor", "owner"), "plain"),
    **dict.fromkeys(("arbiter", "coordinator", "inspector", "admin"), "masked"),
    **dict.fromkeys(("former lead", "stranger", "namesake", "channel"), "none"),
}
"""The same in every situation."""
ITS_UNITS: Final = ("lead", "lead's head", "delegate", "co-unit")


def handled() -> Paper:
    """Returned by the power company; dispatched to the district, which has delegated it."""
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(
        update={"matter": f"停电。{SPOKEN}{ENTERPRISE.credit_code}"}
    )
    paper.dispatched(POWER)
    paper.must(Action.REJECT, person(Role.HEAD, POWER), reason=SPOKEN, suggested_unit=TENGZHOU)
    paper.must(Action.REDETERMINE, SUPERVISOR, unit=TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    acting = person(Role.HANDLER, TENGZHOU_HOUSING)
    paper.must(Action.SIGN_FOR, acting)
    paper.must(Action.CONTACT, acting, person="王经理", summary=SPOKEN)
    paper.must(Action.REPLY, acting, text=SPOKEN)
    paper.must(Action.REMIND, ENTERPRISE, text=SPOKEN)
    return paper


def with_co_unit() -> Paper:
    """With the water authority as its co-unit."""
    paper = handled()
    current = paper.claim.dispatches[-1]
    current.co_units = (CoUnit(unit=ref(WATER), reports=True, text=SPOKEN),)
    return paper


def returned() -> Paper:
    """The lead returns it: no unit has it."""
    paper = with_co_unit()
    paper.claim.dispatches[-1].returned = paper.claim.dispatches[0].returned
    paper.claim.stage = Stage.REDETERMINATION
    return paper


def closed() -> Paper:
    paper = with_co_unit()
    paper.must(Action.WITHDRAW, CALLER, reason=SPOKEN)
    return paper


SITUATIONS: Final[Mapping[str, tuple[Callable[[], Paper], str]]] = {
    "handled": (with_co_unit, "plain"),
    "returned": (returned, "masked"),
    "closed": (closed, "masked"),
}
"""Each with what its own units see."""


@cache
def built(situation: str) -> Paper:
    """Return the claim, built once; do not change it."""
    return SITUATIONS[situation][0]()


CELLS: Final = [
    (situation, who, seen_by_units if who in ITS_UNITS else CITY[who])
    for situation, (_, seen_by_units) in SITUATIONS.items()
    for who in PEOPLE
]


def headers(api: Caller, who: str) -> dict[str, str]:
    role, unit = PEOPLE[who]
    if who != "namesake":
        return api.headers(role, unit, NAME if role is Role.ENTERPRISE else who)
    token = issue_token(api.key, roles=[role], name=NAME, credit_code=code_of("同名的另一家"), sub="other")
    return {"Authorization": f"Bearer {token}"}


def disclosed(answer: httpx.Response) -> list[str]:
    return [secret for secret in GIVEAWAYS if secret in answer.text]


def keep(records: Records, paper: Paper) -> None:
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))


@pytest.mark.rule("§1", "R54", "R70")
@pytest.mark.parametrize(("situation", "who", "sees"), CELLS)
async def test_everybody_sees_what_they_need_at_every_door(
    api: Caller, records: Records, situation: str, who: str, sees: str
) -> None:
    keep(records, built(situation))
    as_them = headers(api, who)
    view = await api.http.get(PATH, headers=as_them)
    journal = await api.http.get(f"{PATH}/journal", headers=as_them)
    listed = await api.http.get("/claims", headers=as_them)
    exported = await api.http.get("/exports/claims", headers=as_them)
    parts = await api.http.get("/exports/co-units", headers=as_them)
    assert [secret for secret in CONTACTS if secret in listed.text + exported.text + parts.text] == []
    if sees == "none":
        assert {view.status_code, journal.status_code} == {404}
        assert listed.json()["claims"] == []
        assert NUMBER not in exported.text
        assert disclosed(parts) == []
        return
    shown = view.json()
    assert (view.status_code, journal.status_code, shown["masked"]) == (200, 200, sees == "masked")
    assert [line["number"] for line in listed.json()["claims"]] == [NUMBER]
    if sees == "masked":
        assert [disclosed(answer) for answer in (view, journal, listed, exported, parts)] == [[]] * 5
        assert (shown["phone"], shown["credit_code"], shown["enterprise"]) == ("063****", "****", "山东****")
        return
    assert (shown["enterprise"], shown["contact"], shown["phone"]) == (NAME, "王经理", "0632-5550004")
    assert "0555-0009" not in journal.text
    assert next(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"))))["企业名称"] == NAME


@pytest.mark.rule("R39")
async def test_an_enterprise_sees_no_words_between_officials(api: Caller, records: Records) -> None:
    keep(records, with_co_unit())
    shown = (await api.http.get(PATH, headers=headers(api, "owner"))).json()
    first, current = shown["dispatches"]
    assert (first["returned"], first["basis"], current["co_unit_parts"]) == (None, "", [])
    assert [contact["summary"] for contact in shown["contacts"]] == [""]
    assert shown["replies"][0]["text"].startswith("山东拓岳")
    assert (shown["lights"], shown["letters"], shown["verifications"]) == ([], [], [])


NAMING: Final = (
    {"enterprise": "拓岳"},
    {"enterprise": NAME},
    *(
        {"text": words}
        for words in ("拓岳", NAME, "精密铸造", "王经理", "王", "139-0555", "5550004", "停电。山东")
    ),
    {"text": ENTERPRISE.credit_code},
)
"""Searches that anything identifying the enterprise would match."""


@pytest.mark.rule("§1", "R53", "R54")
@pytest.mark.parametrize(("situation", "who", "sees"), CELLS)
async def test_a_search_confirms_no_name_to_who_does_not_see_it(
    api: Caller, records: Records, situation: str, who: str, sees: str
) -> None:
    keep(records, built(situation))
    as_them = headers(api, who)

    async def finds(**wanted: str) -> bool:
        answer = await api.http.get("/claims", params={**wanted, "with_total": True}, headers=as_them)
        found = answer.json()
        assert found["total"] == len(found["claims"])
        return bool(found["claims"])

    assert await finds(text="停电") == (sees != "none")
    assert await finds(text=NUMBER) == (sees != "none")
    assert [await finds(**wanted) for wanted in NAMING] == [sees == "plain"] * len(NAMING)


@pytest.mark.rule("R53")
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.HANDLER])
async def test_a_search_confirms_to_nobody_of_the_unit_complained_of_who_complained(
    api: Caller, records: Records, role: Role
) -> None:
    keep(records, complaint())
    as_them = api.headers(role, WATERWORKS, "某人")
    for wanted in NAMING:
        answer = await api.http.get("/claims", params=wanted, headers=as_them)
        assert answer.json()["claims"] == [], wanted


def complaint() -> Paper:
    paper = Paper(category=Category.COMPLAINT)
    words = f"举报自来水公司。{SPOKEN}{ENTERPRISE.credit_code}"
    about = {"matter": words, "complained_of": ref(WATERWORKS)}
    paper.claim.order = paper.claim.order.model_copy(update=about)
    return paper


@pytest.mark.rule("R53")
@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD, Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR])
async def test_nobody_of_the_unit_complained_of_sees_who_complained(
    api: Caller, records: Records, role: Role
) -> None:
    keep(records, complaint())
    as_them = api.headers(role, WATERWORKS, "某人")
    for path in (PATH, f"{PATH}/journal", "/claims", "/exports/claims"):
        answer = await api.http.get(path, headers=as_them)
        assert disclosed(answer) == []


@pytest.mark.rule("R53")
@pytest.mark.parametrize("unit", [WATERWORKS])
def test_a_complaint_is_not_dispatched_to_the_unit_that_it_is_about(unit: str) -> None:
    paper = complaint()
    outcome = paper.do(Action.DISPATCH, OPERATOR, unit=unit)
    assert (outcome.status, outcome.rule) == ("refused", "R53")
    outcome = paper.do(Action.DISPATCH, OPERATOR, unit=POWER, co_units=[unit])
    assert (outcome.status, outcome.rule) == ("refused", "R53")
    paper.must(Action.DISPATCH, OPERATOR, unit=POWER)
