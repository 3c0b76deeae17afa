"""Whole lists as files, with the visibility of the lists."""

import csv
import io
from urllib.parse import unquote

import httpx
import openpyxl
import pytest

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from claims.papers.claim_papers import letter_paper
from records.claim_writer import write_step
from records.contact_readings import ReadFilter, contact_reads
from records.database.engine import Records
from records.document_numbers import number_paper
from records.queries import export_rows
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ENTERPRISE, HANDLER, POWER, TENGZHOU, WATER

NUMBER = "QH202611240001"


def number(n: int) -> str:
    return f"QH20261124{n:04d}"


@pytest.fixture
def late_claim(records: Records) -> Paper:
    """Five claims with every limit missed, with lights, letters and notices."""
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(update={"matter": "=停电，请打 13800001234"})
    paper.dispatched(POWER, co_units=[WATER])
    paper.must(Action.CONTACT, HANDLER)
    paper.until("Fri 2026-12-11 09:00")
    write_step(
        records,
        TransitionRecord(claim=paper.claim, entries=tuple(paper.journal), notices=tuple(paper.notices)),
    )
    for n in range(2, 6):
        claim = paper.claim.model_copy(update={"number": number(n), "lights": [], "letters": []})
        write_step(records, TransitionRecord(claim=claim))
    return paper


async def export(
    api: Caller, list_: str, role: Role, *, at: str = "", called: str = "", **params: str
) -> httpx.Response:
    return await api.http.get(f"/exports/{list_}", params=params, headers=api.headers(role, at, called))


async def rows(
    api: Caller, list_: str, role: Role, *, at: str = "", called: str = "", **params: str
) -> list[dict[str, str]]:
    answer = await export(api, list_, role, at=at, called=called, **params)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_claims_are_exported_whole_whatever_the_page(
    api: Caller, late_claim: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "AT_ONCE", 2)
    found = await rows(api, "claims", Role.SUPERVISOR, sort="number")
    assert [row["工单编号"] for row in found] == [number(n) for n in range(1, 6)]
    first = found[0]
    assert (first["阶段"], first["亮灯"], first["企业名称"]) == ("办理中", "红灯", ENTERPRISE.name)
    assert first["登记时间"] == "2026-11-24 09:00:00"
    assert (first["最近截止时间"], first["现在轮到"]) == ("'2026-11-26 24:00", "枣庄供电公司")
    assert first["诉求事项"].startswith("'=停电")
    limits = first["全部时限"].split("；")
    assert len(limits) == 4
    assert limits[::2] == ["答复时限 2026-11-26 24:00 超期", "解决时限 2026-12-08 24:00 超期"]


async def test_a_claim_export_narrows_and_sorts_as_the_list_does(api: Caller, late_claim: Paper) -> None:
    assert await rows(api, "claims", Role.SUPERVISOR, stage="closed") == []
    (red,) = await rows(api, "claims", Role.SUPERVISOR, text="停电", light="red")
    assert red["工单编号"] == NUMBER
    newest = await rows(api, "claims", Role.SUPERVISOR, sort="-registered_at")
    assert [row["工单编号"] for row in newest] == [number(n) for n in range(5, 0, -1)]


async def test_exports_hold_no_contact_data_and_are_no_readings(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    for list_ in ("claims", "lights", "letters"):
        answer = await export(api, list_, Role.SUPERVISOR)
        for secret in (late_claim.claim.order.phone, late_claim.claim.order.contact, "13800001234"):
            assert secret not in answer.content.decode()
    assert contact_reads(records, ReadFilter()) == []
    (masked,) = await rows(api, "claims", Role.ARBITER, number=NUMBER)
    assert masked["企业名称"] == "山东****"


@pytest.mark.parametrize(
    ("role", "unit", "name", "count"),
    [
        (Role.HANDLER, POWER, "", 5),
        (Role.HANDLER, TENGZHOU, "", 0),
        (Role.ENTERPRISE, "", ENTERPRISE.name, 5),
        (Role.ENTERPRISE, "", "另一家公司", 0),
        (Role.AUDITOR, "", "", 5),
    ],
)
async def test_who_exports_gets_only_what_they_see(
    api: Caller, late_claim: Paper, role: Role, unit: str, name: str, count: int
) -> None:
    assert len(await rows(api, "claims", role, at=unit, called=name)) == count


@pytest.mark.parametrize("list_", ["lights", "letters"])
async def test_a_unit_exports_its_own_lights_and_letters_and_those_below(
    api: Caller, late_claim: Paper, list_: str
) -> None:
    everything = await rows(api, list_, Role.SUPERVISOR)
    assert everything
    assert await rows(api, list_, Role.HEAD, at=POWER) == everything
    assert await rows(api, list_, Role.SUPERVISOR, unit=POWER) == everything
    assert await rows(api, list_, Role.HEAD, at=TENGZHOU) == []
    assert await rows(api, list_, Role.HEAD, at=TENGZHOU, unit=POWER) == []
    assert await rows(api, list_, Role.SUPERVISOR, since="2099-01-01T00:00:00Z") == []
    assert (await export(api, list_, Role.ENTERPRISE, called=ENTERPRISE.name)).status_code == 403


@pytest.mark.rule("R31")
async def test_letters_are_exported_with_their_document_numbers(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    first, *others = sorted(late_claim.claim.letters, key=lambda letter: letter.at)
    paper = letter_paper(late_claim.claim, first)
    number_paper(records, paper)
    found = await rows(api, "letters", Role.SUPERVISOR)
    assert [row["文号"] for row in found] == ["枣接诉督〔2026〕1号", *("" for _ in others)]


@pytest.mark.rule("R22")
async def test_co_units_parts_are_exported_to_those_who_see_them(
    api: Caller, late_claim: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "AT_ONCE", 2)
    found = await rows(api, "co-units", Role.SUPERVISOR)
    assert [row["工单编号"] for row in found] == [number(n) for n in range(1, 6)]
    part_row = (found[0]["协办单位"], found[0]["截止时间"], found[0]["报送结果"], found[0]["协办超期"])
    assert part_row == ("市城乡水务局", "'2026-12-04 24:00", "", "是")
    assert await rows(api, "co-units", Role.HEAD, at=WATER) == found
    assert await rows(api, "co-units", Role.HEAD, at=POWER) == []
    assert await rows(api, "co-units", Role.SUPERVISOR, since="2026-12-05T00:00:00Z") == []


async def test_the_ledger_of_notices_is_exported_in_order(
    api: Caller, late_claim: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "AT_ONCE", 3)
    found = await rows(api, "notices", Role.ADMIN)
    listed = (await api.get("/notices", Role.ADMIN, limit=500)).json()["notices"]
    assert sorted(row["编号"] for row in found) == sorted(one["id"] for one in listed)
    assert [row["时间"] for row in found] == sorted(row["时间"] for row in found)
    assert {row["状态"] for row in found} == {"待发"}
    assert await rows(api, "notices", Role.ADMIN, claim=number(2)) == []


@pytest.mark.rule("R70")
async def test_readings_of_contact_data_are_exported_for_auditors(
    api: Caller, late_claim: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "AT_ONCE", 1)
    for name in ("甲", "乙"):
        await api.get(f"/claims/{NUMBER}", Role.SUPERVISOR, called=name)
    found = await rows(api, "contact-reads", Role.AUDITOR)
    assert [(row["读取人"], row["读取内容"]) for row in found] == [("乙", "工单"), ("甲", "工单")]
    assert len(await rows(api, "contact-reads", Role.AUDITOR, by="甲")) == 1


@pytest.mark.parametrize(
    ("list_", "role"), [("contact-reads", Role.SUPERVISOR), ("notices", Role.HANDLER), ("notices", Role.HEAD)]
)
async def test_lists_that_are_not_theirs_are_not_exported_to_them(
    api: Caller, list_: str, role: Role
) -> None:
    assert (await export(api, list_, role, at=POWER)).status_code == 403


async def test_a_workbook_has_the_same_rows(api: Caller, late_claim: Paper) -> None:
    answer = await export(api, "claims", Role.SUPERVISOR, format="xlsx", sort="number")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert (lines[0][0], sheet.title) == ("工单编号", "工单")
    assert [line[0] for line in lines[1:]] == [number(n) for n in range(1, 6)]
    assert {cell.data_type for line in sheet.iter_rows(min_row=2) for cell in line} <= {"s", "n", "d"}


async def test_a_file_has_a_chinese_name_with_the_day(api: Caller, late_claim: Paper) -> None:
    answer = await export(api, "claims", Role.SUPERVISOR)
    name = unquote(answer.headers["content-disposition"].split("''")[1])
    assert name.startswith("工单-2")
    assert name.endswith(".csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("list_", "params"),
    [
        ("claims", {"format": "pdf"}),
        ("claims", {"cursor": "x"}),
        ("claims", {"stage": "flying"}),
        ("lights", {"unit": "NOWHERE"}),
        ("notices", {"state": "lost"}),
    ],
)
async def test_an_export_that_cannot_be_understood_is_422(
    api: Caller, list_: str, params: dict[str, str]
) -> None:
    answer = await api.http.get(f"/exports/{list_}", params=params, headers=api.headers(Role.ADMIN))
    assert answer.status_code == 422


async def test_exports_need_a_token(api: Caller) -> None:
    assert (await api.get("/exports/claims")).status_code == 401
