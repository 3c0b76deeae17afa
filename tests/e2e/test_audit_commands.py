"""`zaoying audit` as an auditor uses it, without a server."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
import pytest_asyncio

from records.database.engine import open_records
from tests.support.archive.audited_installation import installation
from tests.support.archive.kept_histories import load, named
from tests.support.processes.command import zaoying

LATE = named("claim-17")
NUMBER = load(LATE).workflow_id.removeprefix("claim-")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    with open_records(f"sqlite:///{folder / 'records.db'}") as records:
        await installation(folder, records, [LATE])
    return folder


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAOYING_TEMPORAL_ADDRESS", "127.0.0.1:1")


def audit(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return zaoying("audit", *arguments, home=home)


@pytest.mark.rule("R70")
def test_an_auditor_gets_from_a_number_to_the_answer(home: Path, tmp_path: Path) -> None:
    told = audit(home, "timeline", NUMBER)
    assert told.returncode == 0, told.stderr
    assert "黄灯亮牌" in told.stdout
    assert "R31" in told.stdout
    replayed = audit(home, "replay", NUMBER)
    assert (replayed.returncode, "均与台账一致" in replayed.stdout) == (0, True), replayed.stdout
    package = tmp_path / "audit.zip"
    assert audit(home, "export", NUMBER, "--to", str(package)).returncode == 0
    assert f"{NUMBER}/report.html" in zipfile.ZipFile(package).namelist()


@pytest.mark.rule("R70")
def test_verification_says_whole_or_not_by_its_exit_code(home: Path) -> None:
    assert audit(home, "verify", "--all").returncode == 0
    file = next((home / "archive" / "histories").rglob("*.json.gz"))
    sound = file.read_bytes()
    file.write_bytes(sound[:-1])
    try:
        found = audit(home, "verify", NUMBER, "--json")
    finally:
        file.write_bytes(sound)
    assert found.returncode == 1
    assert json.loads(found.stdout)["findings"][0]["kind"] == "corrupt"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("timeline", "QH209901010001"), 1, "归档中也没有"),
        (("diff", NUMBER, "--set", "nope=1"), 2, "nope"),
        (("verify",), 2, "--all"),
    ],
)
def test_what_cannot_be_answered_is_said_with_the_right_code(
    home: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = audit(home, *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
