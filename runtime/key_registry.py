"""Which payload keys a namespace's histories are encrypted with, as the Temporal server itself remembers it.

A program that starts compares its own keys: one that lacks a key, or has another under the same id, does not start,
instead of failing in the middle of a claim.
"""

import structlog
from temporalio.api.namespace.v1 import UpdateNamespaceInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.data_converter import keys_of
from runtime.payload_keys import PayloadKeys, PayloadKeysError, fingerprint

_PREFIX = "zaoying-payload-key."
log = structlog.get_logger()


async def check_keys(client: Client) -> None:
    """Raise PayloadKeysError where the client's keys are not those of the namespace; note the keys that it encrypts with.
    Raises RPCError."""
    keys = keys_of(client.data_converter)
    if keys is None:
        return
    service = client.workflow_service
    found = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    known = {
        name.removeprefix(_PREFIX): value
        for name, value in found.namespace_info.data.items()
        if name.startswith(_PREFIX)
    }
    _compare(keys, known)
    if new := {id: fingerprint(keys.of(id)) for id in keys.active.values() if id not in known}:
        await _note(client, new)


def _compare(keys: PayloadKeys, known: dict[str, str]) -> None:
    cure = "请使用启用该密钥时的密钥文件（ZAOYING_PAYLOAD_KEYS_FILE，或数据目录下的 payload-keys.toml）"
    for id, expected in known.items():
        if id in keys.retired:
            continue
        if id not in keys.keys:
            raise PayloadKeysError(
                f"工单历史由密钥 {id} 加密，密钥文件中没有这把密钥：{cure}，并把它加入 [keys]"
            )
        if fingerprint(keys.of(id)) != expected:
            raise PayloadKeysError(f"密钥 {id} 与加密工单历史时所用的不同：{cure}")


async def _note(client: Client, new: dict[str, str]) -> None:
    data = {f"{_PREFIX}{id}": value for id, value in new.items()}
    request = UpdateNamespaceRequest(namespace=client.namespace, update_info=UpdateNamespaceInfo(data=data))
    try:
        await client.workflow_service.update_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.PERMISSION_DENIED:
            raise
        log.warning("payload-keys-not-noted", reason=error.message)
