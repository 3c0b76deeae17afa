"""The only place that connects to Temporal.

Address, namespace, transport and data converter come from the settings, or from a `FrontendAddress`.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime

from runtime.data_converter import DATA_CONVERTER, knowing
from runtime.payloads.key_registry import NamespaceKeyIds
from runtime.query_retries import QueryRetries
from runtime.transport import PLAIN, Transport


class Frontend(Protocol):
    """A Temporal frontend and how to connect to it. `Settings` is one."""

    @property
    def temporal(self) -> str:
        """host:port."""

    @property
    def namespace(self) -> str:
        """The namespace's name."""

    @property
    def data_converter(self) -> DataConverter:
        """Encodes and decodes what is sent to it and read from it."""

    @property
    def transport(self) -> Transport:
        """TLS and API key."""


class FrontendAddress(NamedTuple):
    """A frontend without settings, for tools and tests."""

    temporal: str
    namespace: str = "default"
    data_converter: DataConverter = DATA_CONVERTER
    transport: Transport = PLAIN


async def connect(
    frontend: Frontend,
    *,
    lazy: bool = False,
    runtime: Runtime | None = None,
    interceptors: Sequence[Interceptor] = (),
    identity: str | None = None,
) -> Client:
    """Connect to a frontend.

    A lazy client connects on its first call. Otherwise raises RuntimeError if the server does not answer. Raises
    ConfigurationError where keys or certificates cannot be used.
    Without a `runtime` the client uses the process's default one. `identity`: as the server names this client; process
    and machine by default.
    """
    key_ids = NamespaceKeyIds()
    key_ids.client = await Client.connect(
        frontend.temporal,
        namespace=frontend.namespace,
        data_converter=knowing(frontend.data_converter, key_ids),
        tls=frontend.transport.tls_config,
        api_key=frontend.transport.api_key,
        interceptors=[QueryRetries(), *interceptors],
        identity=identity,
        runtime=runtime,
        lazy=lazy,
    )
    return key_ids.client
