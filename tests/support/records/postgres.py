"""A real PostgreSQL for the tests: Debian's own, in a folder that is gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from records.database.engine import open_records
from tools.bound_process import end_now, spawn
from tools.debian_packages import install
from tools.ports import free_port

DEBIANS = Path("/usr/lib/postgresql")
TEMPLATE = "migrated"
WITHIN_SECONDS = 120
USUAL = ("listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=200")
"""The machine does not die under the tests."""
FORGETFUL = "synchronous_commit=off"
"""Quicker; a server that is killed has lost what it last said it had."""


@dataclass
class Cluster:
    """A running server; every database that it gives out is new."""

    port: int
    _command: Sequence[str]
    _folder: Path
    _counted: Iterator[int] = field(default_factory=count)
    _server: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Until it answers; of one that was killed, the last processes may first have to notice it."""
        end = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < end:
            with self._log.open("ab") as output:
                self._server = spawn(self._command, output=output, cwd=self._folder)
            if self._comes_up(self._server, end):
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Whoever still uses it is thrown out."""
        if self._server is None:
            return
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(WITHIN_SECONDS)
        finally:
            end_now(self._server)

    def kill(self) -> None:
        """SIGKILL, as an accident would."""
        if self._server is not None:
            end_now(self._server)

    @property
    def pid(self) -> int:
        """Of the process whose children the others are."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, template: str = TEMPLATE) -> str:
        """The URL of a new database with our tables; from `template1`: of an empty one."""
        name = f"records_{next(self._counted)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://zaoying@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Whoever still uses it is thrown out."""
        self.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def _comes_up(self, server: "subprocess.Popen[bytes]", end: float) -> bool:
        while time.monotonic() < end:
            try:
                self.execute("SELECT 1")
                return True
            except psycopg.OperationalError:
                try:
                    server.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
                return False
        return False

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def execute(self, statement: str) -> None:
        """As the cluster's owner. Raises psycopg.OperationalError while it does not answer."""
        address = f"postgresql://zaoying@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_cluster(*options: str) -> Iterator[Cluster]:
    """Installed where it is missing, made, started with these options besides the usual, stopped, removed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="zaoying-postgres-"))
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        making = ("-U", "zaoying", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        _run(*_as_its_owner(), str(programs / "initdb"), "-D", str(folder / "data"), *making)
        port = free_port("127.0.0.1")
        flags = ("-D", str(folder / "data"), "-p", str(port), "-k", str(folder))
        words = [word for option in (*USUAL, *options) for word in ("-c", option)]
        command = [*_as_its_owner(), str(programs / "postgres"), *flags, *words]
        with _serving(command, port, folder) as cluster:
            first = cluster.create("template1")
            open_records(first).close()
            cluster.execute(f"ALTER DATABASE {first.rsplit('/', 1)[1]} RENAME TO {TEMPLATE}")
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(command: Sequence[str], port: int, folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(port, command, folder)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _programs() -> Path:
    """The newest that is there; Debian's package is installed where there is none."""
    install("postgresql", unless=lambda: bool(_found()))
    if not (found := _found()):
        raise RuntimeError("these tests need PostgreSQL: apt-get install postgresql")
    return found[-1]


def _found() -> list[Path]:
    folders = [file.parent for file in DEBIANS.glob("*/bin/initdb")]
    return sorted(folders, key=lambda folder: float(folder.parent.name))


def _as_its_owner() -> Sequence[str]:
    """It refuses to run as root. A change of user would untie it from us, so it is tied again."""
    if os.geteuid() != 0:
        return ()
    who = ("--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=SIGQUIT")
    return (str(shutil.which("setpriv")), *who)


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | environment, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout.decode()}\n{done.stderr.decode()}")
