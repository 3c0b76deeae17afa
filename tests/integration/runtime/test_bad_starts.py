"""Programs that cannot start print cause and remedy, and exit."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from records.database import schema
from runtime.connection import FrontendAddress, connect
from runtime.errors import ConfigurationError
from runtime.startup_checks import CLOCKS_MAY_DIFFER, check_clock
from service_layer.clock import now
from tests.support.archive.closed_claims import RETENTION
from tests.support.processes.command import zaoying
from tests.support.records.postgres import Cluster
from tools import namespaces
from tools.dev_server import DevServer
from tools.ports import free_port
from workflows.search_attributes import SEARCH_ATTRIBUTES, STAGE

PROGRAMS = ["worker", "api"]
LARGEST_FILE = 64 * 1024


@pytest.fixture
def settings(server: DevServer, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation that could start."""
    return {
        "ZAOYING_HOME": str(tmp_path),
        "ZAOYING_TEMPORAL_ADDRESS": server.target,
        "ZAOYING_API_PORT": str(free_port("127.0.0.1")),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bare_namespace(server: DevServer) -> str:
    """A namespace with only one of our search attributes."""
    name = f"bare-{uuid4().hex[:8]}"
    client = await connect(FrontendAddress(server.target, name))
    await namespaces.prepare(client, RETENTION, {STAGE.name: SEARCH_ATTRIBUTES[STAGE.name]})
    return name


def refused(program: str, settings: Mapping[str, str], *, largest_file: int | None = None) -> str:
    """Return the message of the exit."""
    ended = zaoying(program, settings=settings, largest_file=largest_file)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_namespace_without_search_attributes_is_named_with_its_cure(
    settings: dict[str, str], bare_namespace: str, program: str
) -> None:
    said = refused(program, {**settings, "ZAOYING_NAMESPACE": bare_namespace})
    assert f"命名空间 {bare_namespace} 缺少检索字段 ClaimUnit、" in said
    assert "请运行 zaoying namespace" in said
    assert STAGE.name not in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_namespace_that_is_not_there_is_named_with_its_cure(settings: dict[str, str], program: str) -> None:
    said = refused(program, {**settings, "ZAOYING_NAMESPACE": "nowhere"})
    assert "没有命名空间 nowhere：请核对 ZAOYING_NAMESPACE，或运行 zaoying namespace" in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_mistyped_setting_is_named_with_the_nearest(settings: dict[str, str], program: str) -> None:
    said = refused(program, {**settings, "ZAOYING_SCANER": "clamav:3310"})
    assert "请改正或删去后重新启动：没有名为 ZAOYING_SCANER 的设置，是否想填 ZAOYING_SCANNER？" in said


def test_a_server_that_does_not_answer_is_named_with_its_cure(settings: dict[str, str]) -> None:
    away = f"127.0.0.1:{free_port('127.0.0.1')}"
    said = refused("worker", {**settings, "ZAOYING_TEMPORAL_ADDRESS": away})
    assert f"Temporal 服务器 {away} 没有应答：请检查地址、证书和服务器" in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_database_of_a_newer_version_is_named_with_its_cure(
    settings: dict[str, str], postgres: Cluster, program: str
) -> None:
    url = postgres.create()
    in_database(url, "UPDATE alembic_version SET version_num = 'records_9999'")
    said = refused(program, {**settings, "ZAOYING_DATABASE_URL": url})
    assert f"版本是 records_9999，本程序只认识到 {schema.head()}" in said
    assert "请使用与记录库相符的（更新的）程序版本" in said


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("shift", "words"), [("+ interval '10 minutes'", "慢 10"), ("- interval '10 minutes'", "快 10")]
)
def test_a_clock_that_is_ten_minutes_off_is_told(
    settings: dict[str, str], postgres: Cluster, program: str, shift: str, words: str
) -> None:
    url = postgres.create()
    name = url.rpartition("/")[2]
    in_database(
        url,
        f"CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT pg_catalog.now() {shift}$$",
        f"ALTER DATABASE {name} SET search_path = public, pg_catalog",
    )
    said = refused(program, {**settings, "ZAOYING_DATABASE_URL": url})
    assert f"本机时钟比数据库的{words} 分钟" in said
    assert "请校准时钟（NTP）后重新启动" in said


def test_a_database_that_is_not_there_is_named_with_its_cure(
    settings: dict[str, str], postgres: Cluster
) -> None:
    nowhere = f"postgresql+psycopg://zaoying@127.0.0.1:{postgres.port}/nowhere"
    said = refused("worker", {**settings, "ZAOYING_DATABASE_URL": nowhere})
    assert 'database "nowhere" does not exist' in said.replace("\\", "")
    assert "请核对 ZAOYING_DATABASE_URL（主机、库名、账号）和数据库服务" in said
    assert "sqlalche.me" not in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_account_that_may_make_no_tables_is_named_with_its_cure(
    settings: dict[str, str], postgres: Cluster, program: str
) -> None:
    url = postgres.create("template1")
    role = f"limited_{uuid4().hex[:8]}"
    in_database(url, f"CREATE ROLE {role} LOGIN")
    said = refused(program, {**settings, "ZAOYING_DATABASE_URL": url.replace("zaoying@", f"{role}@")})
    assert "记录库的账号没有权限" in said
    assert "请使该账号拥有这个数据库" in said
    assert "CREATE TABLE" not in said


def in_database(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_clocks_that_nearly_agree_are_not_told() -> None:
    at = now()
    check_clock(None, at)
    check_clock(at - CLOCKS_MAY_DIFFER, at)
    with pytest.raises(ConfigurationError, match="快 2 分钟"):
        check_clock(at - CLOCKS_MAY_DIFFER - timedelta(seconds=1), at)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("ZAOYING_DATABASE_PASSWORD_FILE", "无法读取密码文件"),
        ("ZAOYING_TEMPORAL_CA_FILE", "无法读取"),
        ("ZAOYING_PAYLOAD_KEYS_FILE", "密钥文件"),
    ],
)
def test_a_secret_that_is_not_there_is_named_by_its_file(
    settings: dict[str, str], tmp_path: Path, program: str, variable: str, words: str
) -> None:
    missing = tmp_path / "secrets" / "missing"
    database = "postgresql+psycopg://zaoying@127.0.0.1:1/zaoying"
    said = refused(program, {**settings, "ZAOYING_DATABASE_URL": database, variable: str(missing)})
    assert f"{words} {missing}" in said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_full_disk_is_named_with_its_cure(settings: dict[str, str], tmp_path: Path, program: str) -> None:
    """Files cannot grow beyond some kilobytes, as on a nearly full disk."""
    folder = tmp_path / "attachments"
    said = refused(program, {**settings, "ZAOYING_ATTACHMENTS_DIR": str(folder)}, largest_file=LARGEST_FILE)
    assert f"无法写入 {folder if program == 'api' else tmp_path}" in said
    assert "磁盘已满或没有权限；请腾出空间、核对权限后重新启动" in said
