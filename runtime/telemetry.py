"""What the Temporal SDK's native core reports: log lines and metrics."""

from functools import lru_cache

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from runtime import logs


@lru_cache(maxsize=4)
def core_runtime(metrics_address: str = "") -> Runtime:
    """A runtime that logs through Python's logging, as the rest of the process does.

    It serves Prometheus metrics on `metrics_address` (host:port) if that is given.
    """
    metrics = PrometheusConfig(bind_address=metrics_address) if metrics_address else None
    return Runtime(telemetry=TelemetryConfig(logging=logs.core_logging(), metrics=metrics))
