"""Reading claims from the records while no worker answers: each caller's view."""

from datetime import timedelta

import pytest

from claims.model.events import EventKind
from claims.model.journal import Notice, TransitionRecord
from claims.model.terms import Action, Category, LimitKind, Role
from records.claim_writer import write_step
from records.contact_readings import ReadFilter, contact_reads
from records.database.engine import Records
from records.outbox import enqueue_notices
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    CALLER,
    ENTERPRISE,
    HANDLER,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
)
from tests.support.dates import beijing, iso
from tests.support.records.recorded_claims import keep

NUMBER = "QH202611240001"
PATH = f"/claims/{NUMBER}"


@pytest.fixture
def late_claim(records: Records) -> Paper:
    """A recorded claim with every limit missed, with lights and letters."""
    paper = Paper().dispatched(POWER, co_units=[WATER])
    paper.must(Action.CONTACT, HANDLER)
    paper.until("Fri 2026-12-11 09:00")
    keep(records, paper)
    return paper


async def test_the_view_has_the_names_that_the_api_fixes(api: Caller, late_claim: Paper) -> None:
    view = (await api.get(PATH, Role.SUPERVISOR)).json()
    assert {
        "number",
        "stage",
        "closed",
        "dispatches",
        "limits",
        "lights",
        "letters",
        "allowed_actions",
    } <= view.keys()
    assert {"n", "unit", "co_units", "delivered_at"} <= view["dispatches"][0].keys()
    wanted = "kind dispatch round started_at due_at last_day working_days status provisional calendar_version"
    for limit in view["limits"]:
        assert set(wanted.split()) <= limit.keys()
    assert {"id", "unit", "colour", "limit", "at", "revoked"} <= view["lights"][0].keys()
    assert view["dispatches"][0]["co_units"] == [WATER]
    assert (view["stage"], view["stage_name"], view["stale"]) == ("handling", "办理中", True)


@pytest.mark.rule("R6", "R31")
async def test_instants_have_an_offset_and_limits_are_explained_day_by_day(
    api: Caller, late_claim: Paper
) -> None:
    view = (await api.get(PATH, Role.SUPERVISOR)).json()
    resolve = next(limit for limit in view["limits"] if limit["kind"] == "resolve")
    assert (resolve["last_day"], resolve["due_at"]) == (iso("Tue 2026-12-08"), "2026-12-08T16:00:00Z")
    assert (resolve["working_days"], resolve["status"], resolve["due_text"]) == (
        10,
        "missed",
        "2026-12-08 24:00",
    )
    assert [day["n"] for day in resolve["explanation"] if day["counted"]] == list(range(1, 11))
    assert view["lights"][0]["at"] == "2026-11-26T16:00:00Z"


async def test_limits_of_nobody_are_not_shown(api: Caller, records: Records) -> None:
    paper = Paper(category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    assert paper.limit(LimitKind.FOLLOW_UP)
    keep(records, paper)
    view = (await api.get(PATH, Role.SUPERVISOR)).json()
    assert "follow-up" not in [limit["kind"] for limit in view["limits"]]


@pytest.mark.parametrize(
    ("role", "unit", "name", "status"),
    [
        (Role.HANDLER, POWER, "", 200),
        (Role.HEAD, WATER, "", 200),
        (Role.HANDLER, TENGZHOU, "", 404),
        (Role.ENTERPRISE, "", ENTERPRISE.name, 200),
        (Role.ENTERPRISE, "", "另一家公司", 404),
        (Role.AUDITOR, "", "", 200),
        (Role.ARBITER, "", "", 200),
    ],
)
async def test_a_claim_that_is_not_theirs_is_not_there(
    api: Caller, late_claim: Paper, role: Role, unit: str, name: str, status: int
) -> None:
    for path in (PATH, f"{PATH}/journal", f"{PATH}/outcomes/r1"):
        answer = await api.get(path, role, at=unit, called=name)
        assert answer.status_code in ((status,) if status == 404 else (200, 202))
    listed = (await api.get("/claims", role, at=unit, called=name)).json()["claims"]
    assert [row["number"] for row in listed] == ([NUMBER] if status == 200 else [])


async def test_the_unknown_and_the_hidden_look_the_same(api: Caller, late_claim: Paper) -> None:
    hidden = (await api.get(PATH, Role.HANDLER, at=TENGZHOU)).json()
    unknown = (await api.get("/claims/QH202611240002", Role.HANDLER, at=TENGZHOU)).json()
    assert hidden["detail"].replace(NUMBER, "") == unknown["detail"].replace("QH202611240002", "")
    assert (hidden["type"], hidden["rule"]) == (unknown["type"], unknown["rule"])


@pytest.mark.parametrize("number", ["..", "QH%00", "QH 1", "Q" * 41, "编号"])
async def test_what_cannot_be_a_number_is_no_claim(api: Caller, number: str) -> None:
    assert (await api.get(f"/claims/{number}", Role.OPERATOR)).status_code == 404


@pytest.mark.rule("R21")
@pytest.mark.parametrize("unit", [TENGZHOU, f"{TENGZHOU}-PT", TENGZHOU_HOUSING])
async def test_a_districts_platform_and_those_above_see_what_was_delegated(
    api: Caller, records: Records, unit: str
) -> None:
    paper = Paper().dispatched(TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    keep(records, paper)
    view = (await api.get(PATH, Role.HANDLER, at=unit)).json()
    assert view["dispatches"][0]["delegate"] == TENGZHOU_HOUSING
    assert "contact" in view["allowed_actions"]


@pytest.mark.rule("R70")
@pytest.mark.parametrize(
    ("role", "masked"),
    [
        (Role.OPERATOR, False),
        (Role.SUPERVISOR, False),
        (Role.CALLER, False),
        (Role.HANDLER, False),
        (Role.HEAD, False),
        (Role.AUDITOR, False),
        (Role.ENTERPRISE, False),
        (Role.ARBITER, True),
        (Role.COORDINATOR, True),
        (Role.INSPECTOR, True),
        (Role.ADMIN, True),
    ],
)
async def test_contact_data_is_for_those_who_need_it_and_reading_it_is_written_down(
    api: Caller, records: Records, late_claim: Paper, role: Role, masked: bool
) -> None:
    order = late_claim.claim.order
    answer = await api.get(PATH, role, at=POWER, called=ENTERPRISE.name)
    view = answer.json()
    assert view["masked"] is masked
    if masked:
        assert (view["enterprise"], view["contact"], view["phone"]) == ("山东****", "王****", "063****")
        for secret in (order.enterprise, order.contact, order.phone):
            assert secret not in answer.text
    else:
        assert (view["enterprise"], view["contact"], view["phone"]) == (
            order.enterprise,
            order.contact,
            order.phone,
        )
    assert len(contact_reads(records, ReadFilter())) == (0 if masked else 1)


async def test_the_journal_has_every_event_with_its_rules(api: Caller, late_claim: Paper) -> None:
    entries = (await api.get(f"{PATH}/journal", Role.AUDITOR)).json()["entries"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(late_claim.journal) + 1))
    assert all(entry["rules"] for entry in entries)
    assert entries[0]["actor"]["roles"] == ["operator"]


@pytest.mark.rule("R39")
async def test_an_enterprise_reads_only_what_concerns_it(api: Caller, late_claim: Paper) -> None:
    entries = (await api.get(f"{PATH}/journal", Role.ENTERPRISE, called=ENTERPRISE.name)).json()["entries"]
    assert {entry["kind"] for entry in entries} == {"registered", "dispatched", "contacted"}
    assert {entry["actor"] for entry in entries} == {None}


async def test_an_outcome_is_pending_until_somebody_knows(api: Caller, late_claim: Paper) -> None:
    answer = await api.get(f"{PATH}/outcomes/never%2Fseen", Role.OPERATOR)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.headers["location"] == f"{PATH}/outcomes/never%2Fseen"


async def test_an_outcome_that_is_on_record_is_told(api: Caller, records: Records) -> None:
    paper = Paper()
    accepted = paper.do(Action.DISPATCH, OPERATOR)
    refused = paper.do(Action.CALL_BACK, CALLER)
    write_step(
        records,
        TransitionRecord(claim=paper.claim, entries=tuple(paper.journal), outcomes=(accepted, refused)),
    )
    first = await api.get(f"{PATH}/outcomes/{accepted.request_id}", Role.OPERATOR)
    assert (first.status_code, first.json()["status"], first.json()["action"]) == (
        200,
        "accepted",
        "dispatch",
    )
    second = await api.get(f"{PATH}/outcomes/{refused.request_id}", Role.OPERATOR)
    assert (second.status_code, second.json()["status"], second.json()["rule"]) == (
        200,
        "refused",
        refused.rule,
    )


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, True),
        ({"stage": "handling"}, True),
        ({"stage": "closed"}, False),
        ({"unit": POWER}, True),
        ({"unit": WATER}, False),
        ({"district": "滕州市"}, True),
        ({"district": TENGZHOU}, True),
        ({"district": "薛城区"}, False),
        ({"category": "help", "channel": "12345"}, True),
        ({"light": "red"}, True),
        ({"light": "yellow"}, False),
        ({"text": "变压器"}, True),
        ({"text": "变压"}, True),
        ({"number": "2026112400"}, True),
        ({"number": "QH2025"}, False),
        ({"enterprise": "拓岳"}, True),
        ({"enterprise": "变压"}, False),
        ({"registered_after": "2026-11-24T09:00:00+08:00"}, True),
        ({"registered_before": "2026-11-24T09:00:00+08:00"}, False),
        ({"due_after": "2099-01-01T00:00:00Z"}, False),
        ({"text": "%"}, False),
    ],
)
async def test_claims_are_found_by_what_they_are(
    api: Caller, late_claim: Paper, search: dict[str, str], found: bool
) -> None:
    params = {**search, "with_total": "true"}
    answer = await api.http.get("/claims", params=params, headers=api.headers(Role.OPERATOR))
    assert answer.status_code == 200, answer.text
    assert [row["number"] for row in answer.json()["claims"]] == ([NUMBER] if found else [])
    assert answer.json()["total"] == int(found)


@pytest.mark.parametrize(("before", "found"), [("2026-11-26", True), ("2026-11-25", False)])
async def test_claims_are_found_by_what_is_due_soon(
    api: Caller, records: Records, before: str, found: bool
) -> None:
    paper = Paper().dispatched(POWER)
    paper.must(Action.CONTACT, HANDLER)
    keep(records, paper)
    answer = await api.get("/claims", Role.OPERATOR, due_before=f"{before}T12:00:00+08:00", sort="next_due")
    assert [row["next_due"] for row in answer.json()["claims"]] == (["2026-11-25T16:00:00Z"] if found else [])


@pytest.mark.parametrize(
    "search",
    [
        {"stage": "flying"},
        {"unit": "ZZ-NONE"},
        {"district": "济南市"},
        {"limit": "0"},
        {"limit": "1000"},
        {"cursor": "x"},
        {"sort": "phone"},
        {"due_before": "2027-01-01T00:00:00"},
        {"text": "a\x00b"},
        {"enterprise": "a\x00b"},
        {"number": "编号"},
        {"registered_after": "2027-01-01"},
        {"phone": "0004"},
    ],
)
async def test_a_search_that_cannot_be_understood_is_422(api: Caller, search: dict[str, str]) -> None:
    answer = await api.http.get("/claims", params=search, headers=api.headers(Role.OPERATOR))
    assert answer.status_code == 422


@pytest.mark.rule("R52")
async def test_confirmed_false_feedback_is_said_wherever_the_claim_is_shown(
    api: Caller, records: Records
) -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied", contacted=False)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    keep(records, paper)
    for view in (
        (await api.get(PATH, Role.SUPERVISOR)).json(),
        (await api.get(PATH, Role.ENTERPRISE, called=ENTERPRISE.name)).json(),
        (await api.get(f"/track/{NUMBER}", phone="0004")).json(),
    ):
        assert view["closed"]["reason"] == "false-feedback"
        assert "不计为满意" in view["closed"]["reason_name"]
        (contact,) = [limit for limit in view["limits"] if limit["kind"] == "contact"]
        assert (contact["status"], contact["status_name"]) == ("disproved", "虚假反馈，不计为已联系")
    listed = (await api.get("/claims", Role.SUPERVISOR)).json()["claims"]
    assert [line["closed"]["reason"] for line in listed] == ["false-feedback"]


@pytest.mark.rule("R6", "R32")
async def test_the_supervised_feedback_is_explained_day_by_day(api: Caller, records: Records) -> None:
    paper = Paper().dispatched(POWER)  # Tuesday 24 November: the contact is due on Wednesday
    paper.until("Thu 2026-11-26 09:00")
    keep(records, paper)
    limits = (await api.get(PATH, Role.SUPERVISOR)).json()["limits"]
    (supervised,) = [limit for limit in limits if limit["of"] == "contact"]
    days = [(line["date"], line["counted"]) for line in supervised["explanation"]]
    assert days == [("2026-11-26", False), ("2026-11-27", True)]
    assert supervised["last_day"] == "2026-11-27"


@pytest.mark.rule("R20")
async def test_notices_are_new_to_each_person_until_they_have_seen_them(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    times = [beijing("Tue 2026-11-24 09:00"), beijing("Tue 2026-11-24 10:00")]
    notices = [
        Notice(id=f"{NUMBER}/{at}", at=at, kind=EventKind.DISPATCHED, unit=POWER, text="收到派单")
        for at in times
    ]
    with records.writing() as connection:
        enqueue_notices(connection, NUMBER, notices)

    async def unread(role: Role = Role.HANDLER) -> list[bool]:
        inbox = (await api.get("/inbox", role, at=POWER)).json()
        return [notice["unread"] for notice in inbox["notices"]]

    for until, is_new in ((times[0], [True, False]), (times[1] + timedelta(days=9), [False, False])):
        answer = await api.post("/inbox/seen", {"until": until.isoformat()}, Role.HANDLER, at=POWER)
        assert (answer.status_code, await unread()) == (204, is_new)
    await api.post("/inbox/seen", {"until": times[0].isoformat()}, Role.HANDLER, at=POWER)
    assert await unread() == [False, False]
    assert await unread(Role.HEAD) == [True, True]


@pytest.mark.rule("R20", "R54")
async def test_notices_in_the_inbox_hold_nothing_that_people_wrote(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    words = f"企业补充：{ENTERPRISE.name}，电话13906320004"
    added = Notice(
        id=f"{NUMBER}/1",
        at=beijing("Tue 2026-11-24 09:00"),
        kind=EventKind.SUPPLEMENTED,
        unit=POWER,
        text=words,
    )
    with records.writing() as connection:
        enqueue_notices(connection, NUMBER, [added])
    notices = (await api.get("/inbox", Role.HEAD, at=POWER)).json()["notices"]
    assert [notice["text"] for notice in notices] == ["企业补充了材料，请查看"]
