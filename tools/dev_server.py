"""A real Temporal server as a child process: the CLI's `server start-dev`, in memory or on one file."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from temporalio.service import RPCError

from runtime.connection import FrontendAddress, connect
from tools import namespaces, ports
from tools.bound_process import end_now, spawn
from tools.namespaces import SearchAttributeConflict, SearchAttributeType

_LAUNCHES = 3
_POLL_SECONDS = 0.05
_PROBE_SECONDS = 10.0
_TAIL_LINES = 20
# Server 1.32 reads the first; later servers read the second. An unknown key is ignored.
_VIRTUAL_TIME_KEYS = ("frontend.WorkflowTimeSkippingEnabled", "system.workflowTimeSkippingEnabled")
_DYNAMIC_CONFIG = {
    "history.MaxBufferedQueryCount": "100",
    # Workflow tasks that fail in a row before visibility says so: the second fails after 10 s, the fifth after 54 s.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    # No flood of signals ends a workflow (docs/operations.md, "Floods").
    "history.maximumSignalsPerExecution": "150",
    "limit.blobSize.error": "786432",
    "limit.historySize.error": "167772160",
    "history.maxInFlightUpdatePayloads": "737280",
    # Every second the server goes over each metric of each task queue that it has ever seen: a fifth of its time in a test run.
    "metrics.breakdownByTaskQueue": "false",
    "metrics.breakdownByPartition": "false",
    "metrics.breakdownByBuildID": "false",
}
# Not on a file: tasks that wait in another partition since an earlier start would never be read.
_IN_MEMORY = {"matching.numTaskqueueReadPartitions": "1", "matching.numTaskqueueWritePartitions": "1"}
_PORT_TAKEN = "address already in use"


class DevServerError(Exception):
    """The server did not start; the message says why, with the end of its log."""


class PortInUseError(DevServerError):
    """Another program already listens on the requested port."""


class _PortLost(Exception):
    """A port that we or the server had chosen was taken before the server could listen on it."""


@dataclass(frozen=True, kw_only=True)
class DevServerOptions:
    """How to start it. A port of 0 means a free one; no `db_filename` means in memory; `codec_endpoint`: whom its pages
    ask to decode payloads."""

    cli: Path
    log_path: Path
    db_filename: Path | None = None
    ip: str = "127.0.0.1"
    port: int = 0
    ui_port: int = 0
    codec_endpoint: str = ""
    search_attributes: Mapping[str, SearchAttributeType] = field(default_factory=dict)
    virtual_time: bool = False
    dynamic_config: Mapping[str, str] = field(default_factory=dict)
    retention: timedelta = timedelta(days=30)
    start_within: timedelta = timedelta(seconds=120)
    stop_within: timedelta = timedelta(seconds=10)


class DevServer:
    """`async with DevServer(options) as server:` yields it healthy and leaves no process behind.

    Start it from the main thread: only then does Linux end the server when our process is killed.
    """

    def __init__(self, options: DevServerOptions) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._file_lock: FileLock | None = None
        self._log_start = 0
        self._ended_with: int | None = None
        self._last_refusal = "nothing listens on its ports"
        self.port = options.port
        self.ui_port = options.ui_port

    @property
    def target(self) -> str:
        """host:port of the frontend."""
        return f"{self._options.ip}:{self.port}"

    @property
    def ui_url(self) -> str:
        """Where a browser finds Temporal's own pages."""
        return f"http://{self._options.ip}:{self.ui_port}"

    @property
    def pid(self) -> int | None:
        """The server's process id; None before it is started and after it is stopped."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while the server runs; minus the signal's number when a signal ended it."""
        return self._process.poll() if self._process else self._ended_with

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Return when clients, search attributes and pages work; raise DevServerError otherwise."""
        if self._process is not None:
            raise DevServerError(f"This Temporal server was already started, on {self.target}.")
        try:
            self._take_database_file()
            await self._launch()
        except OSError as error:
            await self.stop()
            raise DevServerError(f"The Temporal server could not be started: {error}") from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ask it to end, and end it after `stop_within`; harmless when it is not running."""
        process = self._process
        try:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                await self._until_exit(process, self._options.stop_within)
        finally:
            if process is not None:
                if process.poll() is None:
                    end_now(process)
                self._ended_with, self._process = process.returncode, None
            if self._file_lock is not None:
                self._file_lock.release()
                self._file_lock = None

    async def exited(self) -> int:
        """Wait until the server has ended, by itself or by `stop`; its exit code."""
        while (code := self.exit_code) is None:
            await asyncio.sleep(_POLL_SECONDS)
        return code

    def log_tail(self) -> str:
        """Return the last lines of what this run of the server wrote."""
        with self._options.log_path.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def _take_database_file(self) -> None:
        """Two servers on one file start without complaint and then harm each other, so take a lock."""
        database = self._options.db_filename
        if database is None:
            return
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(database.with_name(f"{database.name}.lock"), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise DevServerError(
                f"Another Temporal server is already running on {database}. Stop it, or name another file."
            ) from None
        self._file_lock = lock

    async def _launch(self) -> None:
        for _ in range(_LAUNCHES):
            self._choose_ports()
            self._spawn()
            try:
                await self._until_healthy()
            except _PortLost:
                continue
            return
        raise PortInUseError(f"No launch of the Temporal server got its ports.\n{self.log_tail()}")

    def _choose_ports(self) -> None:
        options = self._options
        for purpose, port in (
            ("the Temporal server", options.port),
            ("Temporal's web pages", options.ui_port),
        ):
            if port and not ports.is_free(options.ip, port):
                raise PortInUseError(
                    f"Port {port} on {options.ip}, wanted for {purpose}, is already in use. "
                    "Stop what listens there, or choose another port."
                )
        self.port = options.port or ports.free_port(options.ip)
        self.ui_port = options.ui_port or ports.free_port(options.ip)

    def _spawn(self) -> None:
        log_path = self._options.log_path
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            self._log_start = log.tell()
            self._process = spawn(self._command(), output=log)

    def _command(self) -> list[str]:
        options = self._options
        command = [str(options.cli.absolute()), "server", "start-dev", "--ip", options.ip]
        command += ["--port", str(self.port), "--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        if options.codec_endpoint:
            command += ["--ui-codec-endpoint", options.codec_endpoint]
        for key, value in self._dynamic_config().items():
            command += ["--dynamic-config-value", f"{key}={value}"]
        if options.db_filename is not None:
            command += ["--db-filename", str(options.db_filename.absolute())]
        for name, kind in options.search_attributes.items():
            command += ["--search-attribute", f"{name}={kind}"]
        return command

    def _dynamic_config(self) -> dict[str, str]:
        options = self._options
        values = _DYNAMIC_CONFIG | ({} if options.db_filename else _IN_MEMORY)
        if options.virtual_time:
            values |= dict.fromkeys(_VIRTUAL_TIME_KEYS, "true")
        return values | dict(options.dynamic_config)

    async def _until_healthy(self) -> None:
        deadline = time.monotonic() + self._options.start_within.total_seconds()
        while not await self._is_ready():
            if self.exit_code is not None:
                self._raise_early_exit()
            if time.monotonic() > deadline:
                raise DevServerError(
                    f"The Temporal server was not healthy after {self._options.start_within}: "
                    f"{self._last_refusal}. Its log ends:\n{self.log_tail()}"
                )
            await asyncio.sleep(_POLL_SECONDS)

    def _raise_early_exit(self) -> None:
        tail = self.log_tail()
        if _PORT_TAKEN in tail:
            raise _PortLost
        raise DevServerError(
            f"The Temporal server ended at once (exit code {self.exit_code}). It said:\n{tail}"
        )

    async def _is_ready(self) -> bool:
        options = self._options
        if not (ports.answers(options.ip, self.port) and ports.answers(options.ip, self.ui_port)):
            return False
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                client = await connect(FrontendAddress(self.target, namespaces.NAMESPACE))
                await namespaces.keep_closed_workflows(client, options.retention)
                await namespaces.add_search_attributes(client, options.search_attributes)
        except SearchAttributeConflict as conflict:
            raise DevServerError(f"The Temporal server cannot be used: {conflict}.") from conflict
        except (RuntimeError, RPCError, TimeoutError) as refusal:
            self._last_refusal = str(refusal) or "it does not answer"
            return False
        return self.exit_code is None

    async def _until_exit(self, process: subprocess.Popen[bytes], within: timedelta) -> None:
        deadline = time.monotonic() + within.total_seconds()
        while process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
