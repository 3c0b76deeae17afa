"""What a program checks before it starts, so that errors are reported then and not in the middle of a claim.

Each raises ConfigurationError, whose message names the cause and the cure.
"""

import os
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from claims.text.file_problems import os_problem
from runtime.errors import ConfigurationError
from runtime.payloads.key_registry import check_keys
from runtime.payloads.retired_keys import check_retired_keys

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=2)
_PROBE: Final = bytes(1024 * 1024)


async def check_server(
    client: Client, search_attributes: Iterable[str], *, may_lack_clues: bool = False
) -> None:
    """Check that the namespace exists, with our keys and our search attributes. Raises RPCError as well."""
    try:
        await check_keys(client, may_lack_clues=may_lack_clues)
        await check_retired_keys(client)
        await _check_search_attributes(client, search_attributes)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise ConfigurationError(
            f"Temporal 服务器上没有命名空间 {client.namespace}：请核对 ZAOYING_NAMESPACE，或运行 zaoying namespace"
        ) from error


async def _check_search_attributes(client: Client, wanted: Iterable[str]) -> None:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        found = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        if error.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED):
            return  # a managed service, which keeps them itself
        raise
    if missing := [name for name in wanted if name not in found.custom_attributes]:
        raise ConfigurationError(
            f"命名空间 {client.namespace} 缺少检索字段 {'、'.join(missing)}：请运行 zaoying namespace，然后重新启动"
        )


def check_file(setting: str, path: Path | None) -> None:
    """Check that the file named by a setting can be read."""
    if path is None:
        return
    try:
        path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{setting} 所指的 {path} 无法读取（{os_problem(error)}）：请核对路径和权限后重新启动"
        ) from error


def check_folders(folders: Iterable[Path]) -> None:
    """Check that each can be written. Missing ones are created."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(_PROBE)
                probe.flush()
                os.fsync(probe.fileno())
        except OSError as error:
            raise ConfigurationError(
                f"无法写入 {folder}（{os_problem(error)}）：磁盘已满或没有权限；请腾出空间、核对权限后重新启动"
            ) from error


def check_clock(database: datetime | None, own: datetime) -> None:
    """Compare this machine's clock with the database's. Raises ConfigurationError."""
    if problem := clock_problem(database, own):
        raise ConfigurationError(f"{problem}；请校准时钟（NTP）后重新启动")


def clock_problem(database: datetime | None, own: datetime) -> str:
    """Return how this machine's clock differs from the database's, which all programs share; empty if it does not. None: there
    is only one machine."""
    if database is None or abs(own - database) <= CLOCKS_MAY_DIFFER:
        return ""
    minutes = round((own - database).total_seconds() / 60)
    ahead = f"快 {minutes}" if minutes > 0 else f"慢 {-minutes}"
    return (
        f"本机时钟比数据库的{ahead} 分钟（本机 {own:%Y-%m-%dT%H:%M:%SZ}，数据库 {database:%Y-%m-%dT%H:%M:%SZ}）："
        "期限会记错"
    )
