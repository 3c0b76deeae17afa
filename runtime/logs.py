"""One JSON line per event on standard error, from our own code and from every library.

Never personal data: what is logged names claims, requests and rules, not people or their words.
"""

import logging
import sys
from types import TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(level: str) -> None:
    """Log from `level` ("INFO", "DEBUG", …) upwards; a second call only changes the level."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_lines())
    logging.basicConfig(level=number, handlers=[handler], force=True)
    # It names whole addresses, and those of /track hold a phone number's digits.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sys.excepthook = _log_what_ended_it


def core_logging() -> LoggingConfig:
    """Logging for a Temporal runtime: forwards the native core's lines to Python's logging."""
    core = LogForwardingConfig(logging.getLogger("temporalio.core"), prepend_target_on_message=False)
    return LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=core)


def _log_what_ended_it(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger().critical("program-failed", exc_info=(kind, error, trace))


def _without_native_objects(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("temporal_log", None)  # its fields stand in the event
    return event


def _json_lines() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            *_SHARED,
            structlog.stdlib.ExtraAdder(),
            _without_native_objects,
            structlog.processors.format_exc_info,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
