"""The Temporal client of our programs; the API has one that connects when it is first needed."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from runtime import logs
from runtime.settings import Settings


async def connect(settings: Settings) -> Client:
    """Connected to the server of these settings. Raises RuntimeError where it does not answer."""
    return await Client.connect(
        settings.temporal,
        namespace=settings.namespace,
        data_converter=pydantic_data_converter,
        runtime=_runtime(settings),
    )


def _runtime(settings: Settings) -> Runtime:
    """The SDK's native core: its log lines go where all others do; metrics where a port is named."""
    bound = f"{settings.host}:{settings.metrics_port}"
    metrics = PrometheusConfig(bind_address=bound) if settings.metrics_port else None
    return Runtime(telemetry=TelemetryConfig(logging=logs.of_temporal_core(), metrics=metrics))
