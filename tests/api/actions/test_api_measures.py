"""Signed scans of interviews and accountability files over HTTP: who may upload and read them."""

from typing import NamedTuple

import pytest

from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.terms import Colour, LimitKind, Role
from records.accounts import write_account
from records.database.engine import Records
from tests.support.api import upload_files
from tests.support.api.api_caller import Caller
from tests.support.api.claim_uploads import on_disk, upload_scan
from tests.support.claims.offline_unit_account import Account, light
from tests.support.claims.people import ENTERPRISE, INSPECTOR, POWER, WATER


class Fallen(NamedTuple):
    """The water office's measures: both recorded, and an interview that has not been held."""

    interview: str
    file: str
    not_held: str


@pytest.fixture
def fallen(records: Records) -> Fallen:
    """Two incidents with both lights, and two later yellow ones; recorded."""
    account = Account()
    for number, day in (("QH1", "Mon 2026-11-02"), ("QH2", "Mon 2026-11-09")):
        account.post(light(day, number), light(day, number, colour=Colour.RED))
    account.post(*(light("Tue 2026-11-24", number, limit=LimitKind.REPLY) for number in ("QH3", "QH4")))
    first, not_held = (m.id for m in account.measures if m.kind == "interview")
    file = next(m.id for m in account.measures if m.kind == "accountability")
    account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, measure=first, person="王局长", record="已约谈")
    account.do(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, measure=file, text="已移交")
    write_account(records, account.account, [])
    return Fallen(first, file, not_held)


async def listed(api: Caller, role: Role, at: str = "") -> list[str]:
    """Return the measures whose scans a caller finds with the unit."""
    answer = await api.get(f"/units/{WATER}/attachments", role, at=at)
    return [one["measure"] for one in answer.json()["attachments"]]


@pytest.mark.rule("R35")
async def test_a_signed_interview_record_is_kept_with_its_interview(api: Caller, fallen: Fallen) -> None:
    sent = await upload_scan(api, fallen.interview, Role.HEAD, at=WATER)
    shown = sent.json()
    assert (sent.status_code, shown["measure"], shown["claim"]) == (201, fallen.interview, "")
    again = await upload_scan(api, fallen.interview, Role.INSPECTOR)
    assert (again.status_code, again.json()["id"]) == (200, shown["id"])
    for role, at in ((Role.HANDLER, WATER), (Role.COORDINATOR, ""), (Role.AUDITOR, "")):
        assert await listed(api, role, at) == [fallen.interview]
        back = await api.get(f"/attachments/{shown['id']}", role, at=at)
        assert (back.status_code, back.content) == (200, upload_files.PDF)


@pytest.mark.rule("R36")
async def test_a_decision_on_a_file_is_not_shown_to_the_unit_that_it_is_about(
    api: Caller, fallen: Fallen
) -> None:
    id = (await upload_scan(api, fallen.file, Role.COORDINATOR)).json()["id"]
    for role, at in ((Role.HEAD, WATER), (Role.CALLER, ""), (Role.ARBITER, "")):
        assert (await api.get(f"/attachments/{id}", role, at=at)).status_code == 404, role
        assert await listed(api, role, at) == []
    assert await listed(api, Role.AUDITOR) == [fallen.file]


@pytest.mark.rule("R35", "R36")
async def test_who_has_no_part_in_it_hands_in_nothing(api: Caller, fallen: Fallen) -> None:
    for measure, role, at, status in (
        (fallen.interview, Role.HEAD, POWER, 404),
        (fallen.interview, Role.OPERATOR, "", 403),
        (fallen.interview, Role.AUDITOR, "", 403),
        (fallen.interview, Role.ENTERPRISE, "", 404),
        (fallen.file, Role.HEAD, WATER, 404),
        (fallen.file, Role.SUPERVISOR, "", 403),
    ):
        answer = await upload_scan(api, measure, role, at=at, called=ENTERPRISE.name)
        assert (answer.status_code, bool(answer.json()["rule"])) == (status, True), (measure, role)
    assert on_disk(api.settings) == []
    own = await api.get(f"/units/{WATER}/attachments", Role.ENTERPRISE, called=ENTERPRISE.name)
    assert own.json()["attachments"] == []


@pytest.mark.rule("R35")
async def test_what_is_not_recorded_yet_cannot_be_signed(api: Caller, fallen: Fallen) -> None:
    answer = await upload_scan(api, fallen.not_held, Role.INSPECTOR)
    assert (answer.status_code, answer.json()["rule"], on_disk(api.settings)) == (409, "R35", [])


@pytest.mark.parametrize(
    "measure", [f"{WATER}/interview/x", f"{WATER}/", WATER, "NOWHERE/interview/x", "a\0b"]
)
async def test_a_measure_that_is_not_there_is_404(api: Caller, fallen: Fallen, measure: str) -> None:
    answer = await upload_scan(api, measure, Role.INSPECTOR)
    assert (answer.status_code, on_disk(api.settings)) == (404, [])


@pytest.mark.parametrize("data", [upload_files.docx(), upload_files.HTML, upload_files.EXE])
async def test_what_shows_no_signature_is_415(api: Caller, fallen: Fallen, data: bytes) -> None:
    answer = await upload_scan(api, fallen.interview, Role.INSPECTOR, data=data)
    assert (answer.status_code, on_disk(api.settings)) == (415, [])
