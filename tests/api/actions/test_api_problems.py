"""Every error is a problem (RFC 9457) in Chinese, without internal details."""

import re

import pytest
from structlog.testing import capture_logs

from api.http.problems import problem_of
from claims.model.terms import Role
from service_layer.errors import ErrorKind, FieldError, ServiceError
from tests.support.api.api_caller import ORDER, Caller


async def test_an_unknown_address_is_a_404_problem(api: Caller) -> None:
    answer = await api.get("/nowhere", Role.OPERATOR)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "未找到"


async def test_a_wrong_method_is_a_405_problem_that_names_the_right_one(api: Caller) -> None:
    answer = await api.http.delete("/units", headers=api.headers(Role.OPERATOR))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unknown_action_is_a_404_problem(api: Caller) -> None:
    answer = await api.post("/claims/QH202611240001/fly", {}, Role.OPERATOR)
    assert answer.status_code == 404
    assert "没有“fly”这种操作" in answer.json()["detail"]


async def test_our_own_fault_is_a_500_problem_without_a_trace(api: Caller) -> None:
    secret = "王经理" + "的电话"

    async def broken() -> None:
        raise LookupError(secret)

    api.app.add_api_route("/broken", broken)
    with capture_logs() as lines:
        answer = await api.get("/broken")
    assert (answer.status_code, answer.json()["title"]) == (500, "系统内部错误")
    assert secret not in answer.text
    assert "Traceback" not in answer.text
    failed = next(line for line in lines if line["event"] == "request-failed")
    assert failed["error"] == "LookupError"
    assert "broken" in failed["frames"]
    assert secret not in str(lines)


async def test_a_request_id_is_kept_in_header_and_problem(api: Caller) -> None:
    answer = await api.http.get("/nowhere", headers={"X-Request-ID": "desk-7"})
    assert (answer.headers["x-request-id"], answer.json()["request_id"]) == ("desk-7", "desk-7")


@pytest.mark.parametrize("given", ["a" * 200, "a b", "{}", ""])
async def test_a_strange_request_id_is_replaced(api: Caller, given: str) -> None:
    answer = await api.http.get("/nowhere", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["request_id"])


async def test_a_refused_action_is_named_by_its_own_request_id(api: Caller) -> None:
    answer = await api.post("/claims/QH1/remind", {"request_id": "r-9"}, Role.CALLER)
    assert (answer.status_code, answer.json()["request_id"]) == (404, "r-9")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("channel", "fax", "只能是"),
        ("category", 7, "只能是"),
        ("enterprise", "", "不能为空"),
        ("enterprise", "  ", "不能为空"),
        ("enterprise", "企" * 201, "不得超过200个字"),
        ("enterprise", 7, "应为文本"),
        ("enterprise", None, "应为文本"),
        ("contact", [], "应为文本"),
        ("matter", "字" * 5001, "不得超过5000个字"),
        ("phone", "没有电话", "格式不对"),
        ("phone", "1-----2", "应有5至25位数字"),
        ("phone", "1" * 201, "不得超过200个字"),
        ("enterprise_status", "sleeping", "只能是"),
    ],
)
async def test_a_wrong_field_is_named_with_what_is_wrong(
    api: Caller, field: str, value: object, says: str
) -> None:
    answer = await api.post("/claims", {**ORDER, field: value}, Role.OPERATOR)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert [error["field"] for error in errors] == [field]
    assert says in errors[0]["problem"]


async def test_what_was_sent_is_not_sent_back(api: Caller) -> None:
    answer = await api.post("/claims", {**ORDER, "phone": "私密 13800001234 @#"}, Role.OPERATOR)
    assert "13800001234" not in answer.text


async def test_the_log_has_one_line_for_a_request_and_no_personal_data(api: Caller) -> None:
    with capture_logs() as lines:
        number = (await api.register()).json()["number"]
        await api.get(f"/track/{number}", phone="0004")
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/claims", 201),
        ("/track/{number}", 200),
    ]
    for secret in (ORDER["phone"], "0004", ORDER["contact"], ORDER["enterprise"], ORDER["matter"]):
        assert str(secret) not in str(lines)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/claims/QH202611240001/reject", "R15"),
        ("/claims/QH202611240001/call-back", "R40"),
        ("/claims", "R10"),
    ],
)
async def test_a_body_that_cannot_be_read_is_answered_with_the_rule_that_it_is_about(
    api: Caller, path: str, rule: str
) -> None:
    headers = {**api.headers(Role.OPERATOR), "Content-Type": "application/json"}
    for body, status in ((b"{", 422), (b"1" * (1024 * 1024 + 1), 413)):
        answer = await api.http.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["rule"]) == (status, rule)


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_error_of_the_service_layer_has_a_problem(kind: ErrorKind) -> None:
    fields = [FieldError(field="unit", problem="缺少此项")]
    error = ServiceError(kind, "不行", rule="R15", instead="请改正", fields=fields, retry_after=7)
    problem = problem_of(error)
    assert (problem.detail, problem.rule, problem.instead) == ("不行", "R15", "请改正")
    assert (problem.errors, problem.headers["Retry-After"]) == (fields, "7")
    assert ("WWW-Authenticate" in problem.headers) == (kind is ErrorKind.NOT_SIGNED_IN)
    assert 400 <= problem.kind.status <= 503
