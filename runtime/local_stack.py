"""The local stack: Temporal server, worker and API as child processes of one program.

`zaoying up`, the demo and the end-to-end tests run it. All its files are under `settings.home`. It restarts a
process that dies, and leaves none behind when it stops.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
from filelock import FileLock, Timeout

from activities.monitoring.worker_builds import worker_builds
from records.database.engine import open_records
from records.errors import NotOurRecords, RecordsUnavailable
from runtime.connection import connect
from runtime.settings import Settings
from runtime.startup_checks import check_folders
from tools import ports
from tools.bound_process import end_now, spawn
from tools.dev_server import DevServer, DevServerOptions
from tools.temporal_cli import find_or_build
from workflows.search_attributes import SEARCH_ATTRIBUTES

_PORTS: Final = {"temporal_port": "Temporal 服务器", "ui_port": "Temporal UI ", "api_port": "接口"}
_POLL_SECONDS: Final = 0.1
_READY_WITHIN_SECONDS: Final = 120.0
_STOP_WITHIN_SECONDS: Final = 35.0
_RESTARTS: Final = 5
_RESTART_WINDOW_SECONDS: Final = 60.0


class LocalStackError(Exception):
    """The stack did not start or does not stay up; the message names the part and the reason."""


class Program:
    """One of our programs as a child process: `zaoying worker` or `zaoying api`."""

    def __init__(self, name: str, environment: dict[str, str], log_path: Path) -> None:
        self.name = name
        self.log_path = log_path
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None while it is not running."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; its output goes to its log."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            command = [sys.executable, "-m", "cli", self.name]
            self._process = spawn(command, output=log, env=self._environment)

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None:
            end_now(self._process)

    async def stop(self) -> None:
        """Send SIGTERM, and SIGKILL if that is not enough."""
        if self._process is None:
            return
        try:
            self._process.send_signal(signal.SIGTERM)
            deadline = asyncio.get_running_loop().time() + _STOP_WITHIN_SECONDS
            while self.is_running and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            end_now(self._process)

    def log_tail(self) -> str:
        """The last lines of its log."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-20:])


class LocalStack:
    """`async with LocalStack(settings, say=print) as city:` yields the system ready to work.

    A port of 0 in the settings is a free one; `city.settings` has the ports in use.
    """

    def __init__(
        self, settings: Settings, *, say: Callable[[str], None], keep_server_in_memory: bool = False
    ) -> None:
        chosen = {name: getattr(settings, name) or ports.free_port("127.0.0.1") for name in _PORTS}
        self.settings = settings.model_copy(update=chosen)
        self._say = say
        self._in_memory = keep_server_in_memory
        self._restarts: deque[float] = deque(maxlen=_RESTARTS)
        self._lock = FileLock(self.settings.home / "up.lock", thread_local=False)
        environment, logs = self.settings.environment(), settings.home / "logs"
        self.worker = Program("worker", environment, logs / "worker.log")
        self.api = Program("api", environment, logs / "api.log")
        self.server: DevServer | None = None
        self.missing = ""
        """What an administrator still has to do before claims are worked on; empty: nothing."""

    @property
    def api_url(self) -> str:
        """The API's base URL."""
        return f"http://127.0.0.1:{self.settings.api_port}"

    @property
    def ui_url(self) -> str:
        """The Temporal UI's URL."""
        return f"http://127.0.0.1:{self.settings.ui_port}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start(self) -> None:
        settings = self.settings
        self._lock_home()
        check_folders(settings.written_folders)
        self._check_ports()
        cli = find_or_build(explicit=settings.temporal_cli, cache_dir=settings.cache, say=self._say)
        await self._migrate_records()
        _ = settings.data_converter  # makes the keys before two programs need them, or says what is wrong
        self._say("正在启动 Temporal 服务器……")
        options = DevServerOptions(
            cli=cli,
            log_path=settings.home / "logs" / "temporal.log",
            db_filename=None if self._in_memory else settings.home / "temporal.db",
            port=settings.temporal_port,
            ui_port=settings.ui_port,
            codec_endpoint=settings.codec_endpoint,
            search_attributes=SEARCH_ATTRIBUTES,
            virtual_time=settings.virtual_time,
        )
        self.server = DevServer(options)
        await self.server.start()
        self._say("正在启动工作进程与接口……")
        self.worker.start()
        self.api.start()
        self.missing = await self.until_ready()

    async def _migrate_records(self) -> None:
        """Migrate the records before the programs start: they would not wait for a long migration."""
        try:
            settings = self.settings
            (await asyncio.to_thread(open_records, settings.records_url, settings.clue_cipher)).close()
        except (NotOurRecords, RecordsUnavailable) as error:
            raise LocalStackError(str(error)) from error

    def _lock_home(self) -> None:
        """Lock the home, which is for our account alone: two stacks would damage each other's files, whatever their
        ports."""
        home = self.settings.home
        os.umask(0o077)
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise LocalStackError(
                f"数据目录 {home} 正由另一个系统使用：请先停止它，或用 ZAOYING_HOME 另选目录。"
            ) from None

    def _check_ports(self) -> None:
        for name, what in _PORTS.items():
            port = getattr(self.settings, name)
            if not ports.is_free("127.0.0.1", port):
                other = f"用 ZAOYING_{name.upper()} 另选端口"
                raise LocalStackError(f"{what}的端口 {port} 已被占用：请停止占用它的程序，或{other}。")

    async def until_ready(self) -> str:
        """Wait until the API reports that it is ready. If only the promotion of the worker's build is missing, for
        which the system must run, return what to do."""
        deadline = asyncio.get_running_loop().time() + _READY_WITHIN_SECONDS
        async with httpx.AsyncClient(base_url=self.api_url, trust_env=False, timeout=5) as client:
            while not await _is_ready(client):
                has_build = bool(self.settings.worker_build)
                if has_build and await _runs_without_worker(client) and (missing := await self._unpromoted()):
                    return missing
                for program in (self.worker, self.api):
                    if not program.is_running:
                        raise LocalStackError(f"{program.name} 一启动就退出了：\n{program.log_tail()}")
                if asyncio.get_running_loop().time() > deadline:
                    raise LocalStackError(f"未能及时就绪，接口日志：\n{self.api.log_tail()}")
                await asyncio.sleep(_POLL_SECONDS)
        return ""

    async def _unpromoted(self) -> str:
        """Return the alarm if the worker polls and claims go to another build, or to none; else empty."""
        now = datetime.fromtimestamp(time.time(), UTC)
        found = await worker_builds(await connect(self.settings), self.settings.task_queue, now=now)
        return found.alarm if self.settings.worker_build in found.polling else ""

    async def stop(self) -> None:
        """Stop the API first, so that no new request comes in, then the worker, then the server.

        If this is cancelled, all of them are killed at once."""
        async with AsyncExitStack() as order:
            order.callback(self._lock.release)
            if self.server is not None:
                order.push_async_callback(self.server.stop)
            order.push_async_callback(self.worker.stop)
            order.push_async_callback(self.api.stop)

    async def supervise(self) -> None:
        """Restart processes that die, until cancelled. Raises LocalStackError if one dies again and again."""
        while True:
            await asyncio.sleep(_POLL_SECONDS * 5)
            # The server first: a worker that does not find it ends again.
            if self.server is not None and self.server.exit_code is not None:
                self._count_restart("Temporal 服务器")
                await self.server.stop()
                await self.server.start()
            for program in (self.worker, self.api):
                if not program.is_running:
                    self._count_restart(program.name)
                    program.start()

    def _count_restart(self, name: str) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._restarts) == _RESTARTS and now - self._restarts[0] < _RESTART_WINDOW_SECONDS:
            raise LocalStackError(f"{name} 一再退出，请查看 {self.settings.home / 'logs'} 下的日志。")
        self._restarts.append(now)
        self._say(f"{name} 意外退出，正在重新启动")


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def _runs_without_worker(client: httpx.AsyncClient) -> bool:
    """Whether a worker that takes the claims is all that the API misses."""
    try:
        found = (await client.get("/health/ready")).json()
    except httpx.TransportError:
        return False
    return bool(found["temporal"] and found["records"] and not found["worker"])
