"""Which payload keys a namespace's histories are encrypted with, as the Temporal server itself remembers it.

A program that starts compares its own keys: one that lacks a key, or has another under the same id, does not start,
instead of failing in the middle of a claim.
"""

from datetime import timedelta

import structlog
from temporalio.api.namespace.v1 import UpdateNamespaceInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.data_converter import keys_of
from runtime.payloads.keys import PayloadKeys, PayloadKeysError, fingerprint, origin_of_key
from runtime.payloads.origin import PayloadOrigin

_PREFIX = "zaoying-payload-key."
_ANSWERS_WITHIN = timedelta(seconds=5)
_MADE_UP_IDS = 10_000
"""The number of unknown ids that are remembered; beyond it the namespace is asked again."""
log = structlog.get_logger()


class NamespaceKeyIds:
    """The ids of the keys that have encrypted in a client's namespace. Programs note a key before they use it, so an id
    that is not noted when a payload has come was made up by whoever sent it."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self._made_up: set[str] = set()

    async def may_have(self, id: str) -> bool:
        """Whether a key of this id may have encrypted; True where the namespace cannot be asked or does not keep ids."""
        if id in self._made_up:
            return False
        keys = keys_of(self.client.data_converter) if self.client is not None else None
        if self.client is None or keys is None:
            return True
        try:
            known = await _known_to(self.client)
        except RPCError:
            return True
        if id in known or not known.keys() >= set(keys.active.values()):
            return True
        if len(self._made_up) >= _MADE_UP_IDS:
            self._made_up.clear()
        self._made_up.add(id)
        return False


async def check_keys(client: Client, *, may_lack_clues: bool = False) -> None:
    """Raise PayloadKeysError where the client's keys are not those of the namespace; note the keys that it encrypts with.
    `may_lack_clues`: the program may have been given no key of clues. Raises RPCError."""
    keys = keys_of(client.data_converter)
    if keys is None:
        return
    known = await _known_to(client)
    if may_lack_clues and PayloadOrigin.CLUE not in keys.active:
        known = {id: value for id, value in known.items() if origin_of_key(id) is not PayloadOrigin.CLUE}
    _compare(keys, known)
    if new := {id: fingerprint(keys.of(id)) for id in keys.active.values() if id not in known}:
        await _note(client, new)


async def _known_to(client: Client) -> dict[str, str]:
    """Ids and fingerprints that the namespace keeps."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    found = await client.workflow_service.describe_namespace(request, timeout=_ANSWERS_WITHIN)
    return {
        name.removeprefix(_PREFIX): value
        for name, value in found.namespace_info.data.items()
        if name.startswith(_PREFIX)
    }


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
