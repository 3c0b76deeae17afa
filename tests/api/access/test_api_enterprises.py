"""An enterprise is identified by its code or account, never by its name; and the ownership of channel numbers
(§1, R10).
"""

import httpx
import pytest

from claims.model.journal import TransitionRecord
from claims.model.terms import Role
from records.claim_writer import write_step
from records.database.engine import Records
from records.intake import intake_of
from service_layer.identity.tokens import issue_token
from tests.support.api.api_caller import ORDER, Caller
from tests.support.claims.credit_codes import code_of
from tests.support.claims.people import ENTERPRISE
from workflows.messages import Opening

NAME = ENTERPRISE.name
OWN = {**ORDER, "channel": "app", "external_id": ""}


def bearer(api: Caller, **said: str) -> dict[str, str]:
    token = issue_token(api.key, roles=[Role.ENTERPRISE], **{"name": NAME, **said})  # type: ignore[arg-type]
    return {"Authorization": f"Bearer {token}"}


def keep(records: Records, number: str) -> str:
    """Record a claim's first step."""
    line = intake_of(records, number)
    assert line is not None
    step = Opening.model_validate(line.payload).registered(line.received_at)
    write_step(records, TransitionRecord(claim=step.claim, entries=tuple(step.entries)))
    return number


async def seen(api: Caller, number: str, headers: dict[str, str]) -> tuple[int, int]:
    """Return the status of the view, and the number of claims in the list."""
    listed = await api.http.get("/claims", headers=headers)
    return (await api.http.get(f"/claims/{number}", headers=headers)).status_code, len(
        listed.json()["claims"]
    )


@pytest.mark.rule("§1")
async def test_a_code_opens_its_claims_and_a_name_opens_nothing(api: Caller, records: Records) -> None:
    number = keep(records, (await api.register()).json()["number"])
    code = ENTERPRISE.credit_code
    assert await seen(api, number, bearer(api, credit_code=code)) == (200, 1)
    assert await seen(api, number, bearer(api, credit_code=code, name="改名后的公司")) == (200, 1)
    assert await seen(api, number, bearer(api)) == (404, 0)
    assert await seen(api, number, bearer(api, credit_code=code_of("同名"))) == (404, 0)
    body = {"request_id": "r1", "reason": "撤回"}
    stranger = bearer(api, credit_code=code_of("同名"))
    assert (await api.http.post(f"/claims/{number}/withdraw", json=body, headers=stranger)).status_code == 404


@pytest.mark.rule("§1")
async def test_where_there_is_no_code_the_account_that_registered_opens_it(
    api: Caller, records: Records
) -> None:
    body = {**OWN, "credit_code": "", "enterprise_status": "contracted"}
    own = bearer(api, sub="account-1")
    answer = await api.http.post("/claims", json=body, headers=own)
    number = keep(records, answer.json()["number"])
    assert await seen(api, number, own) == (200, 1)
    assert await seen(api, number, bearer(api, sub="account-1", credit_code=code_of("后来的代码"))) == (
        200,
        1,
    )
    assert await seen(api, number, bearer(api, sub="account-2")) == (404, 0)


@pytest.mark.rule("§1", "R10")
async def test_an_enterprises_claim_has_the_code_of_its_token(api: Caller) -> None:
    own = bearer(api, credit_code=ENTERPRISE.credit_code)
    answer = await api.http.post("/claims", json={**OWN, "credit_code": ""}, headers=own)
    assert (answer.status_code, answer.json()["credit_code"]) == (201, ENTERPRISE.credit_code)
    lied = await api.http.post("/claims", json={**OWN, "credit_code": code_of("别家")}, headers=own)
    assert (lied.status_code, lied.json()["rule"]) == (403, "R10")


@pytest.mark.rule("§1")
@pytest.mark.parametrize("code", ["91370400MA00000000", "913704", "不是代码"])
async def test_a_code_with_a_wrong_check_digit_is_refused(api: Caller, code: str) -> None:
    answer = await api.register(credit_code=code)
    assert (answer.status_code, [field["field"] for field in answer.json()["errors"]]) == (
        422,
        ["credit_code"],
    )
    assert (await api.http.get("/claims", headers=bearer(api, credit_code=code))).status_code == 403


@pytest.mark.rule("§1", "R48")
async def test_duplicates_are_of_one_code_or_of_one_name_where_a_code_is_missing(
    api: Caller, records: Records
) -> None:
    first = keep(records, (await api.register(external_id="")).json()["number"])

    async def duplicates(**fields: str) -> list[str]:
        answer = await api.post("/claims", {**ORDER, "external_id": "", **fields}, Role.OPERATOR)
        return [one["number"] for one in answer.json()["possible_duplicates"]]

    assert first in await duplicates(enterprise="改名后的公司")
    assert first in await duplicates(credit_code="", enterprise=f"{NAME[:2]}\u200b {NAME[2:]}")
    assert await duplicates(credit_code=code_of("同名")) == []


@pytest.mark.rule("R10")
async def test_a_channels_number_belongs_to_its_channel(api: Caller) -> None:
    taken = await api.register(Role.ENTERPRISE, called=NAME, channel="app", external_id="APP-0002")
    assert (taken.status_code, taken.json()["rule"]) == (403, "R10")
    other = await api.register(Role.CHANNEL, channel="app", external_id="APP-0002")
    assert (other.status_code, other.json()["rule"]) == (403, "R10")
    filed = await api.register(Role.CHANNEL, channel="mayor", external_id="信－７")
    again = await api.register(Role.CHANNEL, channel="mayor", external_id=" 信-7\u200b")
    assert (filed.status_code, again.status_code) == (201, 200)
    assert filed.json() == again.json() == {"number": filed.json()["number"]}


@pytest.mark.rule("R10")
async def test_a_channels_delivery_is_not_lost_to_what_people_filed_under_its_number(api: Caller) -> None:
    typed = (await api.register(channel="mayor", external_id="信-9", matter="话务员误录")).json()["number"]
    filed = await api.register(Role.CHANNEL, channel="mayor", external_id="信-9")
    assert (filed.status_code, filed.json()["number"] != typed) == (201, True)
    for role, number in ((Role.CHANNEL, filed.json()["number"]), (Role.OPERATOR, typed)):
        again = await api.register(role, channel="mayor", external_id="信－9")
        assert (again.status_code, again.json()["number"]) == (200, number)


async def outcomes(
    api: Caller, role: Role = Role.CHANNEL, channel: str = "mayor", **asked: str
) -> httpx.Response:
    return await api.get(f"/channels/{channel}/outcomes", role, **asked)


@pytest.mark.rule("R10")
async def test_a_channel_reads_back_its_own_claims_only(api: Caller) -> None:
    assert (await outcomes(api, channel="app")).status_code == 403
    assert (await outcomes(api, Role.ENTERPRISE)).status_code == 403
    assert (await outcomes(api, Role.HANDLER)).status_code == 403
    assert (await outcomes(api, Role.AUDITOR, channel="app")).status_code == 200
    assert (await outcomes(api, cursor="x")).status_code == 422
    assert (await outcomes(api, channel="nowhere")).status_code == 422
    number = (await api.register(Role.CHANNEL, channel="mayor", external_id="A1")).json()["number"]
    assert (await api.get(f"/claims/{number}", Role.CHANNEL)).status_code == 404
    assert (await api.get("/claims", Role.CHANNEL)).json()["claims"] == []
