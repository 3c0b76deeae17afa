"""Commands without a server, and their exit codes: 0 done, 1 refused or wrong, 2 used wrongly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from records.access.token_revocations import revocations
from records.database.engine import open_records
from tests.support.processes.command import ROOT, zaoying


@pytest.mark.rule("R1", "R2")
def test_calendar_explain_counts_through_the_spring_festival() -> None:
    start = "2026-02-13T10:00:00+08:00"  # Friday before the holiday; Saturday the 14th is a working day
    done = zaoying("calendar", "explain", "--start", start, "--days", "10", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["last_day"], found["provisional"]) == (0, "2026-03-05", False)
    assert found["due_at"] == "2026-03-05T16:00:00Z"
    assert sum(day["counted"] for day in found["days"]) == 10


@pytest.mark.rule("R1")
def test_calendar_show_says_what_is_off_and_what_is_worked() -> None:
    found = json.loads(zaoying("calendar", "show", "2026", "--json").stdout)
    assert "2026-02-17" in [day["date"] for day in found["days_off"]]
    assert "2026-02-14" in [day["date"] for day in found["make_up_days"]]
    assert json.loads(zaoying("calendar", "show", "2027", "--json").stdout)["provisional"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("calendar", "explain", "--start", "2026-02-13T10:00:00", "--days", "1"), 1),
        (("calendar", "explain", "--start", "2026-02-13T10:00:00+08:00", "--days", "-1"), 1),
        (("calendar", "explain", "--start", "yesterday", "--days", "1"), 2),
        (("calendar", "explain", "--days", "1"), 2),
        (("calendar", "show", "1900"), 1),
        (("calendar", "show", "this year"), 2),
        (("token", "--role", "mayor"), 2),
        (("token", "--role", "console"), 2),
        (("forward", "QH202611240001"), 2),
        (("nonsense",), 2),
        (("db", "current"), 1),
        (("db", "downgrade", "records_0001"), 1),
        (("db", "downgrade", "yesterday"), 1),
        (("db", "downgrade"), 2),
    ],
)
def test_what_cannot_be_done_is_said_with_the_right_code(
    arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    done = zaoying(*arguments, home=tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "cure"), [("", "ZAOYING_HOME"), ("token.key", "请移走它")], ids=["home", "key"]
)
def test_a_home_that_cannot_be_used_is_named_with_its_cure(tmp_path: Path, file: str, cure: str) -> None:
    home = tmp_path / "home"
    broken = home / file if file else home
    broken.parent.mkdir(exist_ok=True)
    broken.write_text("no key, and no folder")
    done = zaoying("token", "--role", "operator", home=home)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert str(broken) in done.stderr
    assert cure in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--help",), 0), (("db", "current"), 1), (("nonsense",), 2)]
)
def test_the_code_is_that_of_the_program_itself(
    arguments: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "cli", *arguments]
    environment = {**os.environ, "ZAOYING_HOME": str(tmp_path)}
    assert (
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode
        == code
    )


def test_the_records_are_brought_up_and_back_and_say_so(tmp_path: Path) -> None:
    def run_db(*arguments: str) -> object:
        done = zaoying("db", *arguments, "--json", home=tmp_path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    made = run_db("upgrade")
    assert isinstance(made, dict)
    head = made["after"]
    assert made["before"] is None
    assert run_db("current") == {"current": head, "head": head}
    assert run_db("downgrade", "records_0001") == {"before": head, "after": "records_0001"}
    assert run_db("upgrade") == {"before": "records_0001", "after": head}
    assert run_db("upgrade") == {"before": head, "after": head}


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"ZAOYING_PRODUCTION": "true"}, "ZAOYING_JWKS_URL"),
        ({"ZAOYING_JWT_ISSUER": "https://id.example"}, "ZAOYING_JWKS_URL、ZAOYING_JWT_AUDIENCE"),
        ({"ZAOYING_SEAL_TRUST": "/nowhere"}, "信任清单 /nowhere"),
        (
            {
                "ZAOYING_DATABASE_URL": "postgresql+psycopg://a@b/c",
                "ZAOYING_DATABASE_PASSWORD_FILE": "/nowhere",
            },
            "密码文件 /nowhere",
        ),
    ],
)
def test_an_api_that_cannot_be_trusted_does_not_start_and_says_why(
    variables: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = zaoying("api", settings=variables, home=tmp_path)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_revoked_token_is_on_record(tmp_path: Path) -> None:
    done = zaoying("revoke-token", "--sub", "u-1", "--reason", "离职", home=tmp_path)
    assert (done.returncode, "u-1" in done.stdout) == (0, True), done.stderr
    with open_records(f"sqlite:///{tmp_path / 'records.db'}") as records:
        assert [(one.kind, one.value, one.reason) for one in revocations(records)] == [("sub", "u-1", "离职")]
    assert zaoying("revoke-token", home=tmp_path).returncode == 2


def test_a_token_for_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    done = zaoying("token", "--role", "handler", "--unit", "NOWHERE", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "NOWHERE" in done.stderr
