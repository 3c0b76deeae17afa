"""Unknown fields are refused with the nearest known one, and an instant that lost its `+` gets a hint."""

from collections.abc import Mapping

import httpx
import pytest

from api.http.requests.unknown_fields import MOST_NAMED
from claims.lifecycle import roles_for
from claims.model.messages.action_bodies import BODIES
from claims.model.messages.unit_action_bodies import UNIT_BODIES, UNIT_ROLES, UnitAction
from claims.model.terms import Action, Role
from tests.support.api import upload_files
from tests.support.api.api_caller import ORDER, Caller
from tests.support.claims.people import POWER, usual
from tests.support.dates import beijing

AT = beijing("Tue 2026-11-24 09:00")
LOST_PLUS = "2026-11-24T09:00:00 08:00"
UNIT_FIELDS: Mapping[UnitAction, dict[str, object]] = {
    UnitAction.RECORD_INTERVIEW: {"measure": "m", "person": "王局长", "record": "已约谈"},
    UnitAction.RECORD_ACCOUNTABILITY_STEP: {"measure": "m", "text": "已移交"},
    UnitAction.REVOKE_LIGHT: {"light": "l", "reason": "平台责任"},
}
ARRANGEMENT: Mapping[str, object] = {
    "request_id": "a1",
    "dry_run": True,
    "published": "2026-11-25",
    "source": "国办发明电〔2026〕7号",
    "year": 2027,
    "days_off": [{"date": "2027-01-01", "name": "元旦"}],
}


def problems(answer: httpx.Response) -> dict[str, str]:
    """Return the problem of each field."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {error["field"]: error["problem"] for error in answer.json()["errors"]}


async def act(api: Caller, action: Action, **fields: object) -> httpx.Response:
    role = next(role for role in Role if role in roles_for(action) and role is not Role.CONSOLE)
    body = {"request_id": "r1", **usual(action, AT), **fields}
    return await api.post(f"/claims/QH1/{action}", body, role, at=POWER, called="甲")


async def act_on_unit(api: Caller, action: UnitAction, **fields: object) -> httpx.Response:
    body = {"request_id": "r1", **UNIT_FIELDS[action], **fields}
    return await api.post(f"/units/{POWER}/{action}", body, UNIT_ROLES[action][0])


@pytest.mark.parametrize("action", list(BODIES))
async def test_an_unknown_field_of_an_action_is_refused(api: Caller, action: Action) -> None:
    for name in BODIES[action].model_fields:
        body = {key: value for key, value in usual(action, AT).items() if key != name}
        misspelt = f"{name}s"
        answer = await act(api, action, **body, **{misspelt: "1"})
        assert f"没有名为 {misspelt} 的字段，是否想填 " in problems(answer)[misspelt]


async def test_the_nearest_field_is_named(api: Caller) -> None:
    found = problems(await act(api, Action.REJECT, sugested_unit="ZZ-SWJ"))
    assert found == {"sugested_unit": "没有名为 sugested_unit 的字段，是否想填 suggested_unit？"}


async def test_where_no_field_is_near_those_that_can_be_filled_are_named(api: Caller) -> None:
    found = problems(await act(api, Action.WITHDRAW, xyz=1))
    assert found == {"xyz": "没有名为 xyz 的字段，可填的有：request_id、reason、confirmed_by_call"}


async def test_unknown_fields_are_told_together_with_what_else_is_wrong(api: Caller) -> None:
    answer = await api.post("/claims/QH1/reply", {"request_id": "r1", "txt": "正在办理"}, Role.HEAD, at=POWER)
    assert problems(answer) == {"txt": "没有名为 txt 的字段，是否想填 text？", "text": "缺少此项"}


@pytest.mark.parametrize(
    ("path", "name", "problem"),
    [
        ("/claims", "stge", "是否想填 stage？"),
        ("/directory/suggest", "tex", "是否想填 text？"),
        ("/claims/QH1", "verbose", "这里不填参数"),
        ("/claims/QH1/journal", "afte", "这里不填参数"),
        ("/exports/claims", "fromat", "是否想填 format？"),
        ("/deadlines/explain", "starts", "是否想填 start？"),
    ],
)
async def test_an_unknown_parameter_is_refused(api: Caller, path: str, name: str, problem: str) -> None:
    found = problems(await api.get(path, Role.AUDITOR, **{name: "1"}))
    assert found[name] == f"没有名为 {name} 的参数，{problem}"


async def test_a_parameter_that_stands_there_twice_is_refused(api: Caller) -> None:
    answer = await api.http.get("/claims?limit=1&limit=2", headers=api.headers(Role.OPERATOR))
    assert (answer.status_code, answer.json()["detail"]) == (422, "参数“limit”出现了不止一次")


async def test_a_role_that_may_not_act_is_refused_first(api: Caller) -> None:
    body = {"request_id": "r1", "unit": POWER, "units": []}
    assert (await api.post("/claims/QH1/dispatch", body, Role.AUDITOR)).status_code == 403


@pytest.mark.parametrize(
    ("action", "fields", "field", "nearest"),
    [
        (Action.REJECT, {"signature": {"head": "李主任", "papers": "att-1"}}, "signature.papers", "paper"),
        (
            Action.REQUEST_EXTENSION,
            {"explained": {"at": AT.isoformat(), "means": "电话", "persons": "王经理"}},
            "explained.persons",
            "person",
        ),
        (Action.REVIEW_FORM, {"signature": {"heads": "李主任", "paper": "att-1"}}, "signature.heads", "head"),
    ],
)
async def test_an_unknown_field_of_a_nested_object_is_refused(
    api: Caller, action: Action, fields: dict[str, object], field: str, nearest: str
) -> None:
    name = field.rpartition(".")[2]
    found = problems(await act(api, action, **fields))
    assert found[field] == f"没有名为 {name} 的字段，是否想填 {nearest}？"


@pytest.mark.parametrize("action", list(UNIT_BODIES))
async def test_an_unknown_field_of_a_unit_action_is_refused(api: Caller, action: UnitAction) -> None:
    assert problems(await act_on_unit(api, action, requestid="r")) == {
        "requestid": "没有名为 requestid 的字段，是否想填 request_id？"
    }


@pytest.mark.rule("R35")
async def test_a_promise_with_due_instead_of_until_is_refused(api: Caller) -> None:
    promises = [{"text": "每周调度", "until": "2026-12-01"}, {"text": "整改", "due": "2026-12-31"}]
    found = problems(await act_on_unit(api, UnitAction.RECORD_INTERVIEW, measures=promises))
    assert found == {"measures.1.due": "没有名为 due 的字段，是否想填 until？"}


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("name", "nearest"),
    [("enterprise_statu", "enterprise_status"), ("phones", "phone"), ("externalid", "external_id")],
)
async def test_an_unknown_field_of_a_registration_is_refused(api: Caller, name: str, nearest: str) -> None:
    answer = await api.post("/claims", {**ORDER, name: "x"}, Role.OPERATOR)
    assert problems(answer) == {name: f"没有名为 {name} 的字段，是否想填 {nearest}？"}
    assert (await api.get("/claims", Role.OPERATOR, with_total="true")).json()["total"] == 0


async def test_of_many_unknown_fields_the_first_are_named(api: Caller) -> None:
    names = [f"enterprise{n}" for n in range(9_000)]
    answer = await api.http.post("/track/QH202611240001", json={"phone": "0001", **dict.fromkeys(names, 1)})
    assert list(problems(answer)) == names[:MOST_NAMED]


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("fields", "field", "nearest"),
    [
        ({"makeup_days": []}, "makeup_days", "make_up_days"),
        ({"dryrun": True}, "dryrun", "dry_run"),
        ({"days_off": [{"date": "2027-01-01", "nam": "元旦"}]}, "days_off.0.nam", "name"),
    ],
)
async def test_an_unknown_field_of_an_arrangement_is_refused(
    api: Caller, fields: dict[str, object], field: str, nearest: str
) -> None:
    answer = await api.post("/calendar/arrangements", {**ARRANGEMENT, **fields}, Role.COORDINATOR)
    name = field.rpartition(".")[2]
    assert problems(answer) == {field: f"没有名为 {name} 的字段，是否想填 {nearest}？"}
    assert answer.json()["rule"] == "R1"


async def test_an_unknown_field_of_an_upload_is_refused(api: Caller) -> None:
    file = {"file": ("a.pdf", upload_files.PDF)}
    headers = api.headers(Role.HANDLER, POWER)
    sent = {"claim": "QH202611240001", "measures": "x"}
    answer = await api.http.post("/attachments", files=file, data=sent, headers=headers)
    assert problems(answer) == {"measures": "没有名为 measures 的字段，是否想填 measure？"}


async def test_a_form_with_two_files_is_refused(api: Caller) -> None:
    files = [("file", ("a.pdf", upload_files.PDF)), ("file", ("b.pdf", upload_files.PDF))]
    headers = api.headers(Role.HANDLER, POWER)
    answer = await api.http.post("/attachments", files=files, data={"claim": "QH1"}, headers=headers)
    assert problems(answer) == {"file": "只能填写一次"}


@pytest.mark.parametrize(
    ("path", "name", "nearest"),
    [
        ("/claims", "stages", "stage"),
        ("/exports/claims", "formt", "format"),
        ("/exports/lights", "units", "unit"),
        ("/notices", "claims", "claim"),
        ("/audit/contact-reads", "sinc", "since"),
    ],
)
async def test_an_unknown_parameter_of_a_list_is_refused(
    api: Caller, path: str, name: str, nearest: str
) -> None:
    answer = await api.get(path, Role.AUDITOR, **{name: "x"})
    assert problems(answer) == {name: f"没有名为 {name} 的参数，是否想填 {nearest}？"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/claims", "due_after"),
        ("/claims", "due_before"),
        ("/claims", "registered_after"),
        ("/claims", "registered_before"),
        ("/exports/claims", "due_after"),
        ("/exports/lights", "since"),
        ("/exports/letters", "since"),
        ("/exports/contact-reads", "since"),
        ("/audit/contact-reads", "since"),
    ],
)
async def test_an_instant_in_an_address_that_lost_its_plus_gets_a_hint(
    api: Caller, path: str, name: str
) -> None:
    assert "%2B" in problems(await api.get(path, Role.AUDITOR, **{name: LOST_PLUS}))[name]


@pytest.mark.rule("R2")
async def test_the_start_of_a_deadline_that_lost_its_plus_gets_a_hint(api: Caller) -> None:
    answer = await api.get("/deadlines/explain", Role.AUDITOR, start=LOST_PLUS, days=3)
    assert (answer.status_code, "%2B" in answer.json()["instead"]) == (422, True)


@pytest.mark.rule("R7")
async def test_the_beginning_of_an_edition_that_lost_its_plus_gets_a_hint(api: Caller) -> None:
    edition = {
        "request_id": "e",
        "id": "2027-1",
        "source": "示例",
        "reaches": "new",
        "in_force_from": LOST_PLUS,
    }
    answer = await api.post("/editions", edition, Role.COORDINATOR)
    assert (answer.status_code, "%2B" in answer.json()["instead"]) == (422, True)


@pytest.mark.parametrize(
    ("action", "fields", "field"),
    [
        (Action.CONTACT, {"at": LOST_PLUS}, "at"),
        (
            Action.REQUEST_EXTENSION,
            {"explained": {"at": LOST_PLUS, "means": "电话", "person": "王经理"}},
            "explained.at",
        ),
    ],
)
async def test_an_instant_in_a_body_that_lost_its_plus_gets_a_hint(
    api: Caller, action: Action, fields: dict[str, object], field: str
) -> None:
    assert "%2B" in problems(await act(api, action, **fields))[field]


async def test_the_time_of_an_interview_that_lost_its_plus_gets_a_hint(api: Caller) -> None:
    answer = await act_on_unit(api, UnitAction.RECORD_INTERVIEW, held_at=LOST_PLUS)
    assert "%2B" in problems(answer)["held_at"]


async def test_other_wrong_instants_get_no_such_hint(api: Caller) -> None:
    assert "%2B" not in problems(await act(api, Action.CONTACT, at="昨天 9:00"))["at"]
