"""Runs the services of `docker-compose.yml` without containers, with exactly its environment, files and
commands, in Linux namespaces.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from starlette.requests import Request

from api.http.requests.client_address import client_address
from data import load_sample_claims
from runtime.settings import Settings
from tests.support.production.compose import MissingVariable, read_services
from tests.support.production.disaster import AFTER, BEFORE
from tests.support.production.machine import UNSHARE
from tests.support.production.play import FILES, REPOSITORY, SECRETS, variables
from tools.temporal_cli import default_cache_dir
from tools.temporal_server import find_or_build, find_or_build_ui

FEW: Final = "1 5"
STORIES: Final = os.environ.get("STORIES", FEW)
"""`make production` plays all of them, `make test` only these."""
WITHIN_SECONDS: Final = 1800
BUILT_WITHIN_SECONDS: Final = 900
"""The server and its UI, on a machine that has neither."""
DEPLOY: Final = REPOSITORY / "deploy"

Report = Mapping[str, Any]

pytestmark = pytest.mark.timeout(WITHIN_SECONDS + BUILT_WITHIN_SECONDS)


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    """The report of one run on the production topology."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a machine of its own needs root and unshare")
    programs, ui = (
        find(cache_dir=default_cache_dir(), say=print) for find in (find_or_build, find_or_build_ui)
    )
    folder = Path(tempfile.mkdtemp(prefix="zaoying-production-"))
    folder.chmod(0o755)
    numbers = [str(one.no) for one in load_sample_claims()] if STORIES == "all" else STORIES.split()
    command = [
        *UNSHARE,
        sys.executable,
        "-m",
        "tests.support.production.play",
        str(folder),
        str(programs),
        str(ui),
    ]
    try:
        subprocess.run([*command, *numbers], check=True, timeout=WITHIN_SECONDS, cwd=REPOSITORY)
        yield {**json.loads((folder / "report.json").read_text()), "wanted": [int(one) for one in numbers]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_stories_are_told_on_it_and_a_killed_worker_loses_nothing(report: Report) -> None:
    assert "error" not in report, report["error"]
    assert report["broken"] == []
    assert report["played"] == report["wanted"]


def test_the_records_say_what_the_histories_say(report: Report) -> None:
    assert "逐行一致" in report["checked"]


def test_only_programs_with_a_certificate_reach_the_temporal_server(report: Report) -> None:
    assert report["let_in"] == ["ours"]


@pytest.mark.rule("R10")
def test_a_restore_loses_nothing_that_was_acknowledged(report: Report) -> None:
    """The disk of all databases is lost during use; backup and archived WAL restore them."""
    assert "restored from" in report["restoring"], report["restoring"]
    assert report["acknowledged"] >= BEFORE + AFTER
    assert report["lost"] == []
    assert report["swept"] == 0
    assert "完好" in report["archive"]


def test_nothing_of_it_runs_as_root(report: Report) -> None:
    assert report["users"]
    assert 0 not in report["users"].values(), report["users"]


def test_only_the_temporal_server_and_its_ui_have_a_secret_in_their_environment(report: Report) -> None:
    """They have no other source; their start scripts put it there."""
    holders = [one for one in report["environment"] if any(f"{name}/with@signs" in one for name in SECRETS)]
    assert [one for one in holders if "ZAOYING_" in one] == []
    names = ("POSTGRES_PWD=", "TEMPORAL_AUTH_CLIENT_SECRET=")
    assert sorted(name in one for one in holders for name in names) == [False, False, True, True]


def test_an_administrator_signs_in_to_the_temporal_ui_and_reads_claims_through_the_codec_server(
    report: Report,
) -> None:
    ui = report["ui"]
    assert ui["auth"] is True
    assert ui["refused"] == [401, 401]
    assert ui["asked"] == {
        "client_id": "temporal-ui",
        "redirect_uri": "https://temporal.example/auth/sso/callback",
        "scope": "openid profile email",
    }
    assert ui["codec"]["Endpoint"] == "https://zaoying.example/codec"
    assert ui["codec"]["PassAccessToken"] is True
    assert ui["listed"][0] == 200
    assert ui["decoded"] == ["binary/encrypted", 200, "json/plain", "https://temporal.example"]


def test_the_api_asks_for_tokens_and_promises_https(report: Report) -> None:
    assert report["unsigned"] == 401
    assert "max-age" in report["headers"]["strict-transport-security"]


@pytest.mark.parametrize(
    "name", [name for name in variables(Path("x")) if "CA_FILE" not in name and "_DIR" not in name]
)
def test_compose_starts_nothing_without_what_has_no_safe_default(name: str) -> None:
    given = {**variables(Path("x")), name: ""}
    with pytest.raises(MissingVariable, match=name):
        read_services(FILES[:1], given)


def test_every_setting_of_compose_is_one_of_ours() -> None:
    services = read_services(FILES, variables(Path("x")))
    named = {
        name for one in services.values() if one.image.startswith("zaoying:") for name in one.environment
    }
    ours = {f"ZAOYING_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in named if name.startswith("ZAOYING_")} <= ours


def test_everybody_who_calls_the_temporal_server_has_a_certificate() -> None:
    services = read_services(FILES[:1], variables(Path("x")))
    ours = [one for one in services.values() if "ZAOYING_TEMPORAL_KEY_FILE" in one.environment]
    named = [
        *((one, "ZAOYING_TEMPORAL_KEY_FILE") for one in ours),
        (services["temporal-ui"], "TEMPORAL_TLS_KEY"),
        (services["temporal"], "TEMPORAL_TLS_FRONTEND_KEY"),
    ]
    assert {one.name for one, _ in named} >= {"worker", "api", "temporal-namespace"}
    missing = [
        one.name for one, key in named if not {one.environment[key], "/etc/zaoying"} <= one.mounts.keys()
    ]
    assert missing == []
    assert services["temporal"].environment["TEMPORAL_TLS_REQUIRE_CLIENT_AUTH"] == "true"


NEEDED: Final[Mapping[str, set[str]]] = {
    "worker": {"records_database_password", "payload_keys", "temporal_client_key", "contacts"},
    "api": {
        *("records_database_password", "payload_keys", "temporal_client_key"),
        *("oidc_client_secret", "session_key", "phone_key"),
    },
    "temporal-namespace": {"temporal_client_key"},
    "records-schema": {"records_database_password"},
    "temporal": {"temporal_database_password", "temporal_key"},
    "temporal-schema": {"temporal_database_password"},
    "temporal-ui": {"ui_client_secret", "temporal_client_key"},
    "proxy": {"tls_key"},
    "postgresql": {
        *("postgres_password", "temporal_database_password"),
        *("records_database_password", "backup_database_password"),
    },
    "postgresql-wal": {"backup_database_password"},
    "backup": {"backup_database_password"},
    "restore": {"backup_database_password"},
}


def test_each_service_has_the_secrets_that_it_needs_and_no_others() -> None:
    services = read_services(FILES, variables(Path("x")))
    held = {
        name: {path.removeprefix("/run/secrets/") for path in one.mounts if path.startswith("/run/secrets/")}
        for name, one in services.items()
    }
    assert held == NEEDED
    named = {
        name: {
            value.removeprefix("/run/secrets/")
            for value in one.environment.values()
            if value.startswith("/run/secrets/")
        }
        for name, one in services.items()
    }
    assert [name for name in services if not named[name] <= held[name]] == []


def test_no_service_sees_the_folder_in_which_all_secrets_lie() -> None:
    services = read_services(FILES, variables(Path("x")))
    secrets = (DEPLOY / "secrets").resolve()
    seen = [
        (name, source)
        for name, one in services.items()
        for source in one.mounts.values()
        if source.startswith(".") and secrets.is_relative_to((REPOSITORY / source).resolve())
    ]
    assert seen == []


def test_only_the_api_knows_how_people_sign_in() -> None:
    services = read_services(FILES, variables(Path("x")))
    knowing = [name for name, one in services.items() if {"ZAOYING_JWKS_URL"} <= one.environment.keys()]
    assert knowing == ["api"]


def test_the_api_believes_the_proxy_who_calls() -> None:
    """Otherwise all callers of /track would share one allowance of wrong tries (R39)."""
    trusted = read_services(FILES, variables(Path("x")))["api"].environment["ZAOYING_TRUSTED_PROXIES"]
    request = Request(
        {"type": "http", "client": ("172.18.0.9", 4711), "headers": [(b"x-forwarded-for", b"203.0.113.7")]}
    )
    assert client_address(request, trusted) == "203.0.113.7"


def test_the_temporal_ui_trusts_the_provider_and_hands_its_token_to_the_codec_server() -> None:
    services = read_services(FILES, variables(Path("x")))
    ui, api = services["temporal-ui"], services["api"]
    assert ui.environment["SSL_CERT_FILE"] == api.environment["ZAOYING_JWKS_CA_FILE"] != ""
    assert ui.environment["TEMPORAL_AUTH_PROVIDER_URL"] == api.environment["ZAOYING_JWT_ISSUER"]
    assert ui.environment["TEMPORAL_CODEC_PASS_ACCESS_TOKEN"] == "true"
    assert ui.environment["TEMPORAL_CODEC_ENDPOINT"] == f"{api.environment['ZAOYING_PUBLIC_URL']}/codec"


def test_the_api_and_auditors_read_the_archive_that_the_workers_write() -> None:
    services = read_services(FILES[:1], variables(Path("x")))
    worker, api = services["worker"], services["api"]
    archive = worker.environment["ZAOYING_ARCHIVE_URL"]
    assert api.environment["ZAOYING_ARCHIVE_URL"] == archive
    assert worker.mounts[archive] == api.mounts[archive] == "archive"


def test_a_rehearsal_differs_from_production_in_its_clocks_alone() -> None:
    real, rehearsal = (
        yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
        for name in ("dynamic-config.yaml", "dynamic-config-rehearsal.yaml")
    )
    assert {name: one for name, one in rehearsal.items() if "TimeSkipping" not in name} == real
    before, after = (read_services(files, variables(Path("x"))) for files in (FILES[:1], FILES))
    changed = {
        name
        for service in before
        for name in before[service].environment.items() ^ after[service].environment.items()
    }
    assert {name for name, _ in changed} == {"DYNAMIC_CONFIG_FILE_PATH", "ZAOYING_VIRTUAL_TIME"}


def test_the_image_has_nothing_for_development() -> None:
    lock = (REPOSITORY / "requirements-production.lock").read_text(encoding="utf-8")
    assert not [
        name for name in ("pytest", "hypothesis", "mypy", "ruff", "moto", "flask") if f"\n{name}==" in lock
    ]
    assert "requirements-production.lock" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    everything = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    pinned = [line for line in lock.splitlines() if "==" in line]
    assert [line for line in pinned if line not in everything] == []
