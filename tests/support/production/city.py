"""Starts the services in compose's order, each with the environment, files and command from the file."""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.support.production.compose import Service

NOT_HERE: Final = frozenset({"proxy"})
"""A program that is not available on this machine; nothing else depends on it."""
UI_PORT: Final = 8082
NOT_SHARED: Final = {"temporal-ui": {"TEMPORAL_UI_PORT": str(UI_PORT)}}
"""Settings that containers would not share."""
WITHIN_SECONDS: Final = 180
CHECK_SECONDS: Final = 30
USERS: Final = {
    **dict.fromkeys(("postgresql", "postgresql-wal", "backup", "restore"), "postgres"),
    **dict.fromkeys(("temporal", "temporal-schema"), "1000"),
}
OURS: Final = "1001"
"""Users other than root; our own image's is `zaoying`."""
POSTGRES_DATA: Final = Path("/var/lib/postgresql/data")
POSTGRES_PROGRAMS: Final = Path("/usr/lib/postgresql")


class ServiceFailed(Exception):
    """A service did not become ready. The message has the end of its log."""


class City:
    """The running services. `programs` is the path of their commands."""

    def __init__(
        self, services: Mapping[str, Service], *, programs: str, logs: Path, folders: Mapping[str, Path]
    ) -> None:
        """`folders` are the working folders of images that have one."""
        self.services = services
        self._folders = folders
        self._programs = programs
        self._logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, say: Callable[[str], None]) -> None:
        """Start all services. Jobs must succeed the first time."""
        started: set[str] = set()
        wanted = {name for name, one in self.services.items() if not one.is_run} - NOT_HERE
        while left := wanted - started:
            ready = sorted(name for name in left if self.services[name].needs.keys() <= started)
            for name in ready:
                for other, condition in self.services[name].needs.items():
                    self._wait(other, condition)
                say(f"starting {name}")
                self.run(name)
                started.add(name)
        for name in wanted:
            if self.services[name].healthcheck:
                self._wait(name, "service_healthy")

    def run(self, name: str, number: int = 1, **changed: str) -> None:
        """Start a service, or another instance of it with settings that containers would not share."""
        service = self.services[name]
        environment = {**self._base(name), **service.environment, **NOT_SHARED.get(name, {}), **changed}
        command = [*_entrypoint(service), *service.command]
        if name == "postgresql":
            command = _postgres(environment, self._as_user(name))
        log = self._log(f"{name}-{number}").open("ab")
        self.running[f"{name}-{number}"] = subprocess.Popen(
            [*self._as_user(name), *command],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=self._folders.get(name, "/tmp"),
            start_new_session=True,
        )

    def restart(self, *names: str) -> None:
        """Restart killed services in this order, each once the previous one is healthy."""
        for name in names:
            self.run(name)
            self._wait(name, "service_healthy" if self.services[name].healthcheck else "service_started")

    def kill(self, running: str) -> None:
        """Kill services (SIGKILL)."""
        os.killpg(self.running[running].pid, signal.SIGKILL)
        self.running[running].wait(WITHIN_SECONDS)

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run another command of a service's program, as `docker compose run` does."""
        service = self.services[name]
        whole = [*self._as_user(name), *_entrypoint(service), *arguments]
        own = {**self._base(name), **service.environment}
        return subprocess.run(whole, env=own, capture_output=True, check=False, timeout=WITHIN_SECONDS)

    def _wait(self, name: str, condition: str) -> None:
        until = time.monotonic() + WITHIN_SECONDS
        process, service = self.running[f"{name}-1"], self.services[name]
        if condition == "service_completed_successfully":
            if process.wait(WITHIN_SECONDS) != 0:
                raise ServiceFailed(f"{name} ended with {process.returncode}:\n{self._tail(name)}")
            return
        while condition == "service_healthy":
            checked = [*self._as_user(name), *service.healthcheck]
            environment = {**self._base(name), **service.environment}
            if _passes(checked, environment):
                return
            if process.poll() is not None or time.monotonic() > until:
                raise ServiceFailed(f"{name} is not healthy:\n{self._tail(name)}")
            time.sleep(0.5)

    def _base(self, name: str) -> dict[str, str]:
        """Return an image's own environment."""
        python = dict.fromkeys(("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"), "1")
        ours = {**dict.fromkeys(("HOME", "ZAOYING_HOME"), "/var/lib/zaoying"), **python}
        own = ours if self.services[name].image.startswith("zaoying:") else {"HOME": "/tmp"}
        if self.services[name].image.startswith("postgres:"):
            return {"PATH": f"{_postgres_programs()}:{self._programs}", "PGDATA": str(POSTGRES_DATA), **own}
        return {"PATH": self._programs, "LANG": "C.UTF-8", **own}

    def _as_user(self, name: str) -> Sequence[str]:
        user = USERS.get(name, OURS)
        groups = ("--init-groups",) if not user.isdigit() else ("--clear-groups",)
        return ("setpriv", f"--reuid={user}", f"--regid={user}", *groups)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _tail(self, name: str) -> str:
        return "\n".join(self._log(f"{name}-1").read_text(errors="replace").splitlines()[-30:])


def _passes(check: Sequence[str], environment: Mapping[str, str]) -> bool:
    """One that does not come to its end does not pass, as with compose."""
    try:
        run = subprocess.run(check, env=environment, capture_output=True, check=False, timeout=CHECK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def _entrypoint(service: Service) -> Sequence[str]:
    """Return an image's entry point; our own is in the Dockerfile."""
    return service.entrypoint or (("zaoying",) if service.image.startswith("zaoying:") else ())


def _postgres(environment: Mapping[str, str], as_user: Sequence[str]) -> list[str]:
    """Do what PostgreSQL's image does: on an empty volume create the databases, then start the server."""
    programs = _postgres_programs()
    shutil.chown(POSTGRES_DATA, "postgres", "postgres")
    if not (POSTGRES_DATA / "PG_VERSION").exists():
        _make_databases(environment, as_user, programs)
    settings = ("listen_addresses=*", "unix_socket_directories=/run/postgresql", "fsync=off")
    options = [word for one in settings for word in ("-c", one)]
    return [str(programs / "postgres"), "-D", str(POSTGRES_DATA), *options]


def _postgres_programs() -> Path:
    return max(POSTGRES_PROGRAMS.glob("*/bin"), key=lambda folder: float(folder.parent.name))


def _make_databases(environment: Mapping[str, str], as_user: Sequence[str], programs: Path) -> None:
    flags = shlex.split(environment["POSTGRES_INITDB_ARGS"])
    making = ["-D", str(POSTGRES_DATA), "-U", environment["POSTGRES_USER"], *flags, "-N"]
    secret = f"--pwfile={environment['POSTGRES_PASSWORD_FILE']}"

    def run(*command: str) -> None:
        done = subprocess.run(
            [*as_user, *command],
            env=dict(environment),
            capture_output=True,
            check=False,
            cwd="/tmp",
            timeout=WITHIN_SECONDS,
        )
        if done.returncode != 0:
            raise ServiceFailed(f"{command}:\n{done.stdout.decode()}{done.stderr.decode()}")

    run(str(programs / "initdb"), *making, secret)
    with (POSTGRES_DATA / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")
    privately = "-c listen_addresses='' -k /run/postgresql"
    serving = ["-D", str(POSTGRES_DATA), "-o", privately, "-w", "-l", "/tmp/first.log"]
    run(str(programs / "pg_ctl"), *serving, "start")
    for script in sorted(Path("/docker-entrypoint-initdb.d").iterdir()):
        run("/bin/sh", str(script))
    run(str(programs / "pg_ctl"), "-D", str(POSTGRES_DATA), "-w", "stop")


def own(folder: Path, user: str) -> None:
    """Give a volume's folder to the image's user."""
    os.chown(folder, int(user), int(user))
