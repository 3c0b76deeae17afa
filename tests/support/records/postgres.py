"""A real PostgreSQL for the tests: Debian's package, in a temporary folder."""

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
from psycopg import sql

from records.database.engine import open_records
from tools.bound_process import end_now, spawn
from tools.debian_packages import install
from tools.ports import free_port

DEBIANS = Path("/usr/lib/postgresql")
TEMPLATE = "migrated"
WITHIN_SECONDS = 120
USUAL = ("listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=200")
"""The machine does not crash during the tests."""
FORGETFUL = "synchronous_commit=off"
"""Faster; a killed server may lose its last commits."""
_SHAPE = """
SELECT string_agg(line, chr(10) ORDER BY line) FROM (
  SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT version_num FROM alembic_version) AS lines
"""
"""The schema of a database."""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_RESTART = "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences"


@dataclass
class Cluster:
    """A running server, which provides new databases."""

    port: int
    _command: Sequence[str]
    _folder: Path
    _counted: Iterator[int] = field(default_factory=count)
    _server: "subprocess.Popen[bytes] | None" = None
    _shape: str = ""
    _given_back: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start the server and wait until it answers. After a kill, remaining processes may have to end first."""
        end = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < end:
            with self._log.open("ab") as output:
                self._server = spawn(self._command, output=output, cwd=self._folder)
            if self._is_up(self._server, end):
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop the server, disconnecting clients."""
        if self._server is None:
            return
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(WITHIN_SECONDS)
        finally:
            end_now(self._server)

    def kill(self) -> None:
        """Kill the server (SIGKILL)."""
        if self._server is not None:
            end_now(self._server)

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def create(self, template: str = TEMPLATE) -> str:
        """Create a database with our tables and return its URL; from `template1`, an empty one."""
        name = f"records_{next(self._counted)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://zaoying@127.0.0.1:{self.port}/{name}"

    def borrow(self) -> str:
        """Return the URL of an empty database with our tables, to be given back. Creating and dropping one
        takes 0.3 s of processor time, emptying one a thirtieth.
        """
        return self._given_back.pop() if self._given_back else self.create()

    def give_back(self, url: str) -> None:
        """Take back a database, disconnecting clients. If its tables have changed, it is not reused."""
        try:
            with _connected(url) as connection:
                connection.execute(_OTHERS)
                if _shape_of(connection) != self._shape:
                    raise _AnotherShape
                _empty(connection)
        except (_AnotherShape, psycopg.Error):
            self.drop(url)
        else:
            self._given_back.append(url)

    def make_template(self) -> None:
        """Use a database as the template of new ones."""
        first = self.create("template1")
        open_records(first).close()
        with _connected(first) as connection:
            self._shape = _shape_of(connection)
        self.execute(f"ALTER DATABASE {first.rsplit('/', 1)[1]} RENAME TO {TEMPLATE}")

    def drop(self, url: str) -> None:
        """Drop a database, disconnecting clients."""
        self.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def _is_up(self, server: "subprocess.Popen[bytes]", end: float) -> bool:
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
        """Execute SQL as the cluster's owner. Raises psycopg.OperationalError while it does not answer."""
        address = f"postgresql://zaoying@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=30) as connection:
            connection.execute(statement.encode())


def _connected(url: str) -> psycopg.Connection:
    """Whoever keeps a table locked is not waited for without an end."""
    options = f"-c statement_timeout={WITHIN_SECONDS}s"
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=30, options=options)


class _AnotherShape(Exception):
    """The tables have changed."""


def _shape_of(connection: psycopg.Connection) -> str:
    (found,) = connection.execute(_SHAPE).fetchall()
    return str(found[0])


def _empty(connection: psycopg.Connection) -> None:
    """Empty all tables and reset their counters."""
    connection.execute("SET session_replication_role = replica")
    for (table,) in connection.execute(_TABLES).fetchall():
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    connection.execute(_RESTART)


@contextmanager
def running_cluster(*options: str) -> Iterator[Cluster]:
    """Run a cluster within this block, with these additional options. Installs PostgreSQL if necessary."""
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
            cluster.make_template()
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
    """Return the newest installed version's programs; installs Debian's package if there is none."""
    install("postgresql", unless=lambda: bool(_found()))
    if not (found := _found()):
        raise RuntimeError("these tests need PostgreSQL: apt-get install postgresql")
    return found[-1]


def _found() -> list[Path]:
    folders = [file.parent for file in DEBIANS.glob("*/bin/initdb")]
    return sorted(folders, key=lambda folder: float(folder.parent.name))


def _as_its_owner() -> Sequence[str]:
    """Run as the cluster's owner, since it refuses root. Changing the user removes the link to the parent's
    death, so it is set again.
    """
    if os.geteuid() != 0:
        return ()
    who = ("--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=SIGQUIT")
    return (str(shutil.which("setpriv")), *who)


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        env=os.environ | environment,
        cwd="/",
        timeout=WITHIN_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout.decode()}\n{done.stderr.decode()}")
