"""Prepares a namespace, on a new database or an existing one."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

_KNOWN_WITHIN_SECONDS = 60
_POLL_SECONDS = 0.1

SearchAttributeType = Literal["Text", "Keyword", "Int", "Double", "Bool", "Datetime", "KeywordList"]
NAMESPACE = "default"
"""The one that every server has from the start."""

_INDEXED: Mapping[SearchAttributeType, "IndexedValueType.ValueType"] = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}


class SearchAttributeConflict(Exception):
    """The database already has a search attribute of that name and of another type."""


async def prepare(client: Client, retention: timedelta, wanted: Mapping[str, SearchAttributeType]) -> None:
    """Create the client's namespace if there is none, and add everything that this project needs."""
    await make_namespace(client, retention)
    async with asyncio.timeout(_KNOWN_WITHIN_SECONDS):
        while not await _is_known(client):
            await asyncio.sleep(_POLL_SECONDS)
    await keep_closed_workflows(client, retention)
    await add_search_attributes(client, wanted)


async def _is_known(client: Client) -> bool:
    """A new namespace takes some seconds to reach every part of the server."""
    try:
        await client.count_workflows()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def make_namespace(client: Client, retention: timedelta) -> bool:
    """Make the client's namespace; False where there is one of that name already."""
    wanted = Duration()
    wanted.FromTimedelta(retention)
    request = RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=wanted)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
        return False
    return True


async def keep_closed_workflows(client: Client, retention: timedelta) -> None:
    """Set for how long closed workflows stay on the server; a new dev server says one day."""
    wanted = Duration()
    wanted.FromTimedelta(retention)
    service = client.workflow_service
    found = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if found.config.workflow_execution_retention_ttl != wanted:
        config = NamespaceConfig(workflow_execution_retention_ttl=wanted)
        await service.update_namespace(UpdateNamespaceRequest(namespace=client.namespace, config=config))


async def add_search_attributes(client: Client, wanted: Mapping[str, SearchAttributeType]) -> None:
    """Add those that are missing: the server itself adds them only to a new database file."""
    found = await _custom_attributes(client)
    missing = {name: _INDEXED[kind] for name, kind in wanted.items() if name not in found}
    for name, kind in wanted.items():
        if found.get(name, _INDEXED[kind]) != _INDEXED[kind]:
            raise SearchAttributeConflict(
                f"the search attribute {name} should be {kind}, but the database has it as another type"
            )
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    while missing.keys() - (await _custom_attributes(client)).keys():
        await asyncio.sleep(_POLL_SECONDS)


async def _custom_attributes(client: Client) -> Mapping[str, int]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return dict((await client.operator_service.list_search_attributes(request)).custom_attributes)
