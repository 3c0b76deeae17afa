"""`/audit/claims`: an auditor's requests over HTTP, answered from the archive while the server is down."""

import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from claims.model.terms import Role
from records.contact_readings import ReadFilter, Reading, contact_reads
from records.database.engine import open_records
from records.tables import METADATA
from runtime.settings import Settings
from tests.api.conftest import NOBODY_LISTENS
from tests.support.api.api_caller import Caller, calling
from tests.support.archive.audited_installation import installation, with_todays_papers
from tests.support.archive.kept_histories import load, named
from tests.support.claims.people import POWER

LATE = named("claim-17")
NUMBER = load(LATE).workflow_id.removeprefix("claim-")
VIEWS = ("", "/timeline", "/explain/resolve", "/explain/1/0/reply", "/verify")
WHOLE = ("/history", "/export")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    with open_records(f"sqlite:///{folder / 'records.db'}") as records:
        await installation(folder, records, [LATE])
    return folder


def before(home: Path) -> AbstractAsyncContextManager[Caller]:
    """Return the API on a home while the server is down."""
    return calling(Settings(home=home, temporal_address=NOBODY_LISTENS, action_timeout=0.5))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(home: Path) -> AsyncIterator[Caller]:
    async with before(home) as caller:
        yield caller


@pytest.fixture
def copied(home: Path, tmp_path: Path) -> Path:
    """A copy of the home, to damage."""
    return Path(shutil.copytree(home, tmp_path / "home"))


def of(rest: str = "", number: str = NUMBER) -> str:
    return f"/audit/claims/{number}{rest}"


@pytest.mark.rule("R70")
async def test_from_a_number_to_the_answer(api: Caller) -> None:
    now = (await api.get(of(), Role.AUDITOR)).json()
    assert (now["origin"], now["ended"]) == ("archive", "completed")
    assert "市工信局台账的历史，办结后是否撤销过该单位的亮牌未核（R37）" in now["note"]
    assert now["claim"]["closed"]["reason"] == "satisfied"
    assert now["claim"]["allowed_actions"] == []
    assert now["archived"]["number"] == NUMBER
    lines = (await api.get(of("/timeline"), Role.AUDITOR)).json()["lines"]
    assert lines[0]["kind"] == "registered"
    light = next(line for line in lines if line["kind"] == "light-given")
    assert light["rules"][0]["id"] == "R31"
    assert light["rules"][0]["text"]
    limit = (await api.get(of("/explain/resolve"), Role.AUDITOR)).json()
    assert limit["fixed"][0]["schedule"]["working_days"] == 10
    verified = (await api.get(of("/verify"), Role.AUDITOR)).json()
    assert verified == {"number": NUMBER, "ok": True, "findings": []}


async def test_at_an_instant_a_claim_is_shown_as_it_stood(api: Caller) -> None:
    lines = (await api.get(of("/timeline"), Role.AUDITOR)).json()["lines"]
    dispatched = next(line for line in lines if line["kind"] == "dispatched")["recorded_at"]
    just_before = (datetime.fromisoformat(dispatched) - timedelta(microseconds=1)).isoformat()
    before = (await api.http.get(of(), params={"at": just_before}, headers=api.headers(Role.AUDITOR))).json()
    assert before["claim"]["stage"] == "registered"
    assert before["claim"]["dispatches"] == []
    later = await api.http.get(of(), params={"at": "2036-01-01T00:00:00Z"}, headers=api.headers(Role.AUDITOR))
    assert "其后没有变化" in later.json()["note"]


async def test_before_its_registration_there_was_no_claim(api: Caller) -> None:
    answer = await api.http.get(
        of(), params={"at": "2020-01-01T00:00:00Z"}, headers=api.headers(Role.AUDITOR)
    )
    assert answer.status_code == 404
    assert "尚无工单" in answer.json()["detail"]


async def test_an_instant_that_lost_its_plus_gets_a_hint(api: Caller) -> None:
    params = {"at": "2026-11-24T09:00:00 08:00"}
    answer = await api.http.get(of(), params=params, headers=api.headers(Role.AUDITOR))
    assert (answer.status_code, "%2B" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("rest", [*VIEWS, *WHOLE])
async def test_a_number_that_never_existed_is_not_found(api: Caller, rest: str) -> None:
    answer = await api.get(of(rest, "QH209901010001"), Role.AUDITOR)
    assert answer.status_code == 404, answer.text
    assert answer.json()["rule"] == "§1"


async def test_a_limit_that_never_was_is_not_found(api: Caller) -> None:
    answer = await api.get(of("/explain/nope"), Role.AUDITOR)
    assert answer.status_code == 404
    assert "1/0/resolve" in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.HANDLER, Role.ADMIN])
async def test_who_is_no_auditor_is_refused(api: Caller, role: Role) -> None:
    unit = POWER if role is Role.HANDLER else ""
    for rest in (*VIEWS, *WHOLE):
        assert (await api.get(of(rest), role, at=unit)).status_code == 403


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INSPECTOR])
async def test_the_leadership_group_reads_without_contact_data(api: Caller, role: Role) -> None:
    claim = (await api.get(of(), role)).json()["claim"]
    assert claim["masked"]
    assert "*" in claim["phone"]
    assert (await api.get(of("/timeline"), role)).status_code == 200
    for rest in WHOLE:
        assert (await api.get(of(rest), role)).status_code == 403


@pytest.mark.rule("R70")
async def test_only_auditors_see_what_differing_rows_say(copied: Path) -> None:
    with sqlite3.connect(copied / "records.db") as database:
        database.execute("UPDATE claim SET enterprise = '另一家企业'")
    async with before(copied) as api:
        told = (await api.get(of("/verify"), Role.AUDITOR)).json()["findings"]
        withheld = (await api.get(of("/verify"), Role.INSPECTOR)).json()["findings"]
    assert [found["kind"] for found in (*told, *withheld)] == ["records-differ"] * 2
    assert "另一家企业" in told[0]["message"]
    assert withheld[0]["message"] == f"工单 {NUMBER} 的 enterprise"


@pytest.mark.rule("R70")
async def test_every_reading_is_written_down(api: Caller, home: Path) -> None:
    for rest in (*VIEWS, *WHOLE):
        assert (await api.get(of(rest), Role.AUDITOR, called="审计员")).status_code == 200
    with open_records(f"sqlite:///{home / 'records.db'}") as records:
        reads = contact_reads(records, ReadFilter(number=NUMBER, by="审计员"))
    assert {read.what for read in reads} == {Reading.HISTORY}
    assert {read.name for read in reads} == {"审计员"}
    assert len(reads) == len(VIEWS) + len(WHOLE)


def fingerprint(home: Path) -> dict[str, str]:
    """Return every file's hash and the database's content, except readings, request counts, and SQLite's
    locks and logs.
    """
    files = {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in home.rglob("*")
        if file.is_file() and not file.name.startswith("records.db")
    }
    with sqlite3.connect(home / "records.db") as database:
        dump = [
            (table, sorted(map(str, database.execute(f"SELECT * FROM {table}"))))
            for table in sorted(METADATA.tables)
            if table not in ("contact_read", "request_count")
        ]
    return files | {"records.db": hashlib.sha256(str(dump).encode()).hexdigest()}


@pytest.mark.rule("R70")
async def test_auditors_change_nothing(api: Caller, home: Path) -> None:
    before = fingerprint(home)
    for rest in (*VIEWS, *WHOLE):
        assert (await api.get(of(rest), Role.AUDITOR)).status_code == 200
    assert fingerprint(home) == before
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rest in (*VIEWS, *WHOLE):
            answer = await api.http.request(method, of(rest), json={}, headers=api.headers(Role.AUDITOR))
            assert answer.status_code in (404, 405), (method, rest)
    assert fingerprint(home) == before


async def test_the_history_is_given_as_it_was_archived(api: Caller) -> None:
    answer = await api.get(of("/history"), Role.AUDITOR)
    assert (
        answer.content
        == json.dumps((await with_todays_papers([load(LATE)]))[0].history, ensure_ascii=False).encode()
    )


async def test_a_damaged_archive_is_told_as_such(copied: Path) -> None:
    file = next((copied / "archive" / "histories").rglob("*.json.gz"))
    file.write_bytes(file.read_bytes()[:-9])
    async with before(copied) as api:
        answer = await api.get(of(), Role.AUDITOR)
        verified = (await api.get(of("/verify"), Role.AUDITOR)).json()
    assert answer.status_code == 409
    assert "已损坏" in answer.json()["detail"]
    assert not verified["ok"]


async def test_while_readings_cannot_be_written_down_nothing_is_given(copied: Path) -> None:
    async with before(copied) as api:
        assert (await api.get(of("/history"), Role.AUDITOR)).status_code == 200
        with sqlite3.connect(copied / "records.db", isolation_level=None) as holder:
            holder.execute("BEGIN IMMEDIATE")
            answer = await api.get(of("/history"), Role.AUDITOR)
            holder.execute("ROLLBACK")
    assert answer.status_code == 503
    assert "events" not in answer.text


@pytest.mark.rule("R70")
async def test_the_package_is_checked_without_our_system(api: Caller, tmp_path: Path) -> None:
    first = await api.get(of("/export"), Role.AUDITOR)
    again = await api.get(of("/export"), Role.AUDITOR)
    assert first.content == again.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as packed:
        packed.extractall(tmp_path / "unpacked")
    folder = tmp_path / "unpacked" / NUMBER
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=True
    )
    listed = {line.split(":")[0] for line in checked.stdout.splitlines()}
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert listed == found - {"SHA256SUMS"}
    assert {"history.json", "report.html", "archive/manifest.jsonl", "archive/HEAD.json"} <= found
    assert [name for name in found if name.startswith("papers/")]
    (folder / "history.json").write_text("{}")
    spoiled = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert spoiled.returncode == 1


async def test_the_report_needs_nothing_else_and_runs_nothing(api: Caller) -> None:
    packed = zipfile.ZipFile(io.BytesIO((await api.get(of("/export"), Role.AUDITOR)).content))
    page = packed.read(f"{NUMBER}/report.html").decode()
    assert NUMBER in page
    assert "督办函" in page
    for word in ("<script", "http:", "https:", "src=", "url(", "@import", "javascript:"):
        assert word not in page
    entry = json.loads(packed.read(f"{NUMBER}/archive/manifest.jsonl").splitlines()[0])
    history = packed.read(f"{NUMBER}/history.json")
    assert entry["content_sha256"] == hashlib.sha256(history).hexdigest()
