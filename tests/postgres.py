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
from filelock import FileLock

from records.engine import open_records
from tools.bound_process import end_now, spawn
from tools.ports import free_port

DEBIANS = Path("/usr/lib/postgresql")
TEMPLATE = "migrated"
WITHIN_SECONDS = 60
INSTALLING = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"),
)
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@dataclass
class Cluster:
    """A running server; every database that it gives out is new."""

    port: int
    _counted: Iterator[int] = field(default_factory=count)

    def create(self, template: str = TEMPLATE) -> str:
        """The URL of a new database with our tables; from `template1`: of an empty one."""
        name = f"records_{next(self._counted)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://zaoying@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Whoever still uses it is thrown out."""
        self.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """As the cluster's owner. Raises psycopg.OperationalError while it does not answer."""
        address = f"postgresql://zaoying@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=2) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Installed where it is missing, made, started, stopped, removed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="zaoying-postgres-"))
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        flags = ("-U", "zaoying", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        _run(*_as_its_owner(), str(programs / "initdb"), "-D", str(folder / "data"), *flags)
        with _serving(programs, folder) as cluster:
            first = cluster.create("template1")
            open_records(first).close()
            cluster.execute(f"ALTER DATABASE {first.rsplit('/', 1)[1]} RENAME TO {TEMPLATE}")
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(programs: Path, folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(free_port("127.0.0.1"))
    flags = ("-D", str(folder / "data"), "-p", str(cluster.port), "-k", str(folder))
    options = [word for option in ("listen_addresses=127.0.0.1", *QUICK) for word in ("-c", option)]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = spawn(
            [*_as_its_owner(), str(programs / "postgres"), *flags, *options], output=output, cwd=folder
        )
    try:
        _wait_for(cluster, server, log)
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(WITHIN_SECONDS)
        finally:
            end_now(server)


def _wait_for(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < end:
        try:
            return cluster.execute("SELECT 1")
        except psycopg.OperationalError:
            try:
                server.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _programs() -> Path:
    """The newest that is there; Debian's package is installed where there is none."""
    with FileLock(Path(tempfile.gettempdir()) / "zaoying-postgres-install.lock"):
        if not _found() and os.geteuid() == 0:
            for command in INSTALLING:
                _run(*command, DEBIAN_FRONTEND="noninteractive")
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
