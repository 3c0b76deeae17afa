"""Known vulnerabilities of pinned packages, from an offline database."""

import json
import zipfile
from pathlib import Path

import pytest

from tools.audit_dependencies import LOCKS, advisories, main, pins

LOCK = "a-b==1.0 \\\n    --hash=sha256:0\nC.d[x]==2.1 ; python_version > '3' \\\n    --hash=sha256:1\n"
ENTRY = {
    "id": "PYSEC-1",
    "summary": "bad",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "A_b"}, "versions": ["0.9", "1.0"]}],
}


def test_a_lock_is_read_by_normalised_names() -> None:
    assert pins(LOCK) == {"a-b": "1.0", "c-d": "2.1"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, ["PYSEC-1"]),
        ({"withdrawn": "2026-01-01T00:00:00Z"}, []),
        ({"affected": [{"package": {"ecosystem": "PyPI", "name": "a-b"}, "versions": ["1.1"]}]}, []),
        ({"affected": [{"package": {"ecosystem": "npm", "name": "a-b"}, "versions": ["1.0"]}]}, []),
        ({"affected": []}, []),
    ],
)
def test_only_the_pinned_version_of_the_package_counts(changed: dict[str, object], found: list[str]) -> None:
    assert [one.id for one in advisories(iter([{**ENTRY, **changed}]), pins(LOCK))] == found


def database(place: Path, *entries: object) -> Path:
    with zipfile.ZipFile(place, "w") as written:
        for n, entry in enumerate(entries):
            written.writestr(f"{n}.json", json.dumps(entry))
    return place


def test_a_vulnerability_of_ours_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = (Path(__file__).parents[3] / LOCKS[0]).read_text(encoding="utf-8")
    affected = {"package": {"ecosystem": "PyPI", "name": "PyJWT"}, "versions": [pins(lock)["pyjwt"]]}
    assert main(["--database", str(database(tmp_path / "all.zip", {**ENTRY, "affected": [affected]}))]) == 1
    assert "pyjwt" in capsys.readouterr().out


def test_none_is_known_of_an_empty_database(tmp_path: Path) -> None:
    assert main(["--database", str(database(tmp_path / "all.zip"))]) == 0


def test_what_is_no_database_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "all.zip").write_text("no zip")
    assert main(["--database", str(tmp_path / "all.zip")]) == 3
    assert "all.zip" in capsys.readouterr().err
