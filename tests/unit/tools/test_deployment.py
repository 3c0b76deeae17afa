"""Checks of the compose file without an engine: everything it names exists."""

import re
import tomllib
from pathlib import Path
from typing import cast

import pytest
import yaml
from typer.main import get_command

from cli.main import app
from runtime.setting_types import OF_COMPOSE
from runtime.settings import Settings

ROOT = Path(__file__).parents[3]
Service = dict[str, object]


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return cast("dict[str, Service]", composed["services"])


def ours(services: dict[str, Service]) -> dict[str, Service]:
    return {name: service for name, service in services.items() if "build" in service}


def environment(service: Service) -> dict[str, str]:
    return cast("dict[str, str]", service.get("environment", {}))


def test_every_image_has_a_version(services: dict[str, Service]) -> None:
    for service in services.values():
        assert re.fullmatch(r"[a-z/-]+:[0-9]+\.[0-9]+[0-9a-z.-]*", str(service["image"]))


def test_our_image_has_the_projects_version(services: dict[str, Service]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {service["image"] for service in ours(services).values()} == {f"zaoying:{project['version']}"}


def test_the_server_is_the_one_that_the_tests_run(services: dict[str, Service]) -> None:
    modules = [(ROOT / "tools" / name / "go.mod").read_text() for name in ("temporal", "server")]
    pinned, built = (re.search(r"go\.temporal\.io/server v(\S+)", module) for module in modules)
    assert pinned is not None
    assert built is not None
    assert built[1] == pinned[1]
    assert services["temporal"]["image"] == f"temporalio/server:{pinned[1]}"
    assert services["temporal-schema"]["image"] == f"temporalio/admin-tools:{pinned[1]}"


def test_what_only_compose_reads_is_not_taken_for_a_mistyped_setting() -> None:
    files = [*ROOT.glob("docker-compose*.yml"), ROOT / "deploy" / "Caddyfile"]
    named = {name for file in files for name in re.findall(r"ZAOYING_[A-Z_]+", file.read_text())}
    assert named - {f"ZAOYING_{name.upper()}" for name in Settings.model_fields} == OF_COMPOSE


def test_our_programs_are_commands_with_settings_that_exist(services: dict[str, Service]) -> None:
    commands = getattr(get_command(app), "commands", {})
    known = {f"ZAOYING_{name.upper()}" for name in Settings.model_fields}
    assert set(ours(services)) == {"temporal-namespace", "records-schema", "worker", "api"}
    for service in ours(services).values():
        command = cast("list[str]", service["command"])
        assert command[0] in commands
        assert {name for name in environment(service) if name.startswith("ZAOYING_")} <= known
    for name in ("records-schema", "worker", "api"):
        assert environment(services[name])["ZAOYING_DATABASE_URL"].startswith("postgresql+psycopg://")


def test_workers_and_api_keep_attachments_in_one_place(services: dict[str, Service]) -> None:
    for name in ("worker", "api"):
        place = environment(services[name])["ZAOYING_ATTACHMENTS_DIR"]
        assert f"attachments:{place}" in cast("list[str]", services[name]["volumes"])
        assert place in (ROOT / "deploy/Dockerfile").read_text()


def test_workers_keep_the_archive_where_it_outlives_them(services: dict[str, Service]) -> None:
    place = environment(services["worker"])["ZAOYING_ARCHIVE_URL"]
    assert f"archive:{place}" in cast("list[str]", services["worker"]["volumes"])
    assert place in (ROOT / "deploy/Dockerfile").read_text()


def test_a_programs_grace_is_longer_than_its_own_patience(services: dict[str, Service]) -> None:
    from worker import GRACE

    assert int(str(services["worker"]["stop_grace_period"]).removesuffix("s")) > GRACE.total_seconds()


def test_no_password_is_written_down_and_only_the_proxy_is_open_to_the_world(
    services: dict[str, Service],
) -> None:
    names = {name for service in services.values() for name in environment(service)}
    secret = {name for name in names if re.search(r"PASSWORD|PWD|SECRET", name)}
    assert secret == {
        "POSTGRES_PASSWORD_FILE",
        "ZAOYING_DATABASE_PASSWORD_FILE",
        "ZAOYING_OIDC_CLIENT_SECRET_FILE",
    }
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_what_is_mounted_or_built_is_there(services: dict[str, Service]) -> None:
    assert (ROOT / "deploy/Dockerfile").is_file()
    for service in services.values():
        for volume in cast("list[str]", service.get("volumes", [])):
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).exists()
    started = cast("dict[str, object]", services["worker"]["depends_on"])
    assert set(started) <= set(services)
