"""Plays stories on the production topology, as the first process of an isolated machine.

`python -m tests.support.production.play FOLDER SERVER_PROGRAMS UI_FOLDER STORY…` writes FOLDER/report.json.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import traceback
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import httpx
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from data import load_organisation, load_sample_claims
from demo.case import Case, StoryBroken
from demo.run import play_story
from demo.stories import STORIES
from runtime.connection import FrontendAddress, connect
from runtime.payloads.keys import new_keys, write_keys
from runtime.settings import Settings
from runtime.transport import PLAIN, Transport
from tests.support.polling import until
from tests.support.production.city import OURS, UI_PORT, City, own
from tests.support.production.compose import Service, read_services
from tests.support.production.disaster import lose_and_restore
from tests.support.production.machine import enter
from tests.support.production.provider import AUDIENCE, HOST, ISSUER, PORT, UI_CLIENT, Provider
from tests.support.production.ui_visit import visit

REPOSITORY: Final = Path(__file__).parents[3]
FILES: Final = tuple(REPOSITORY / f"docker-compose.{name}" for name in ("yml", "backup.yml", "rehearsal.yml"))
SECRETS: Final = (
    "postgres_password",
    "temporal_database_password",
    "records_database_password",
    "backup_database_password",
    "oidc_client_secret",
    "session_key",
    "phone_key",
    "ui_client_secret",
    "tls_key",
)
AT_A_TIME: Final = 6
"""Stories."""
APIS: Final = ("http://api:8080", "http://api:8081")


def variables(folder: Path) -> dict[str, str]:
    """Return the variables that an operator sets by docs/operations.md."""
    return {
        "ZAOYING_PUBLIC_URL": "https://zaoying.example",
        "ZAOYING_UI_URL": "https://temporal.example",
        "ZAOYING_UI_CLIENT_ID": UI_CLIENT,
        "ZAOYING_JWKS_URL": f"{ISSUER}:{PORT}/keys",
        "ZAOYING_JWKS_CA_FILE": "/etc/zaoying/ca.pem",
        "ZAOYING_JWT_ISSUER": ISSUER,
        "ZAOYING_JWT_AUDIENCE": AUDIENCE,
        "ZAOYING_OIDC_CLIENT_ID": "zaoying-pages",
        "ZAOYING_SECRETS_DIR": str(folder / "secrets"),
        "ZAOYING_CONFIG_DIR": str(folder / "config"),
        "ZAOYING_BACKUP_DIR": str(folder / "backup"),
    }


def main(folder: Path, server_programs: Path, ui: Path, numbers: list[int]) -> None:
    """Start everything, play the stories, and report."""
    os.umask(0o022)  # a machine's own files are readable for everybody
    report: dict[str, object] = {}
    try:
        city, provider = _prepared(folder, server_programs, ui)
        provider.start()
        city.start(lambda line: print(line, flush=True))
        city.run("worker", 2, ZAOYING_METRICS_PORT="9465")
        city.run("api", 2, ZAOYING_API_PORT="8081")
        report |= asyncio.run(_play(city, provider, numbers))
        report["ui"] = asyncio.run(visit(f"http://temporal-ui:{UI_PORT}", APIS[0]))
        report["swept"] = city.command("worker", "archive", "sweep").returncode
        report |= asyncio.run(lose_and_restore(city, APIS[0], provider.token))
        report["checked"] = city.command("worker", "db", "check").stdout.decode()
        report["users"] = {name: _uid(one.pid) for name, one in city.running.items() if one.poll() is None}
        report["environment"] = [_environment(one.pid) for one in city.running.values() if one.poll() is None]
    except Exception:  # noqa: BLE001  whatever it was is the report
        logs = sorted((folder / "logs").iterdir())
        ends = [f"{log.name}:\n{log.read_text(errors='replace')[-1000:]}" for log in logs]
        report["error"] = "\n".join([traceback.format_exc(), *ends])
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False))


def _prepared(folder: Path, server_programs: Path, ui: Path) -> tuple[City, Provider]:
    for name in ("secrets", "config", "volumes", "logs", "programs", "backup"):
        (folder / name).mkdir()
    shutil.chown(folder / "backup", "postgres", "postgres")
    for name in SECRETS:
        (folder / "secrets" / name).write_text(f"{name}/with@signs:#{os.urandom(8).hex()}\n")
    write_keys(folder / "secrets" / "payload_keys", new_keys(date(2026, 11, 24)))
    (folder / "secrets" / "payload_keys").chmod(
        0o444
    )  # as in docs/operations.md: containers have their own users
    certificates = [str(folder / name) for name in ("config", "secrets")]
    subprocess.run(["/bin/sh", str(REPOSITORY / "deploy" / "certificates.sh"), *certificates], check=True)
    (folder / "secrets" / "contacts.toml").write_text("[channels]\n[contacts]\ndefault = []\n")
    provider = Provider(folder / "config")
    _write_programs(folder / "programs")
    services = read_services(FILES, variables(folder))
    paths = [str(folder / "programs"), str(server_programs), str(Path(sys.executable).parent)]
    city = City(
        services,
        programs=":".join([*paths, "/usr/bin", "/bin", "/usr/sbin"]),
        logs=folder / "logs",
        folders={"temporal-ui": ui},
    )
    interpreter = Path(sys.executable).resolve().parents[1]
    enter(
        folder / "root",
        hosts=[*services, HOST],
        mounts=_mounts(services, folder),
        kept=[REPOSITORY, Path(sys.prefix), interpreter, server_programs, ui, folder],
    )
    return city, provider


def _write_programs(folder: Path) -> None:
    """Write programs that the images have and this machine lacks or has elsewhere."""
    programs = {
        "zaoying": f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {sys.executable} -m cli "$@"\n',
        "python": f'#!/bin/sh\nexec {sys.executable} "$@"\n',
        "nc": f"#!/bin/sh\nexec {sys.executable} -c 'import socket, sys; socket.create_connection(sys.argv[2:4], 2)' \"$@\"\n",
    }
    for name, content in programs.items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o755)


def _mounts(services: dict[str, Service], folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for service in services.values():
        for target, source in service.mounts.items():
            place = REPOSITORY / source
            if not source.startswith((".", "/")):
                place = folder / "volumes" / source
                if not place.exists():
                    place.mkdir()
                    own(place, OURS)
            found[target] = place
    home = folder / "volumes" / "home"
    home.mkdir()
    own(home, OURS)
    return {**found, "/var/lib/zaoying": home}


async def _play(city: City, provider: Provider, numbers: list[int]) -> dict[str, object]:
    """Play the stories, using both APIs in turn; kill a worker after the first story."""
    os.environ.update(city.services["worker"].environment)
    client = await connect(Settings())
    skipper = TimeSkipper(client)

    async def forward(number: str, duration: timedelta) -> None:
        await skipper.fast_forward(client.get_workflow_handle(workflow_id(number)), duration)

    units = {unit.short: unit.id for unit in load_organisation().units}
    broken: list[str] = []
    played: list[int] = []
    few = asyncio.Semaphore(AT_A_TIME)

    async def play(case: Case) -> None:
        async with few:
            try:
                await play_story(case, STORIES[case.sample.no])
                played.append(case.sample.no)
            except (StoryBroken, RPCError) as error:
                broken.append(f"{case.sample.no} ({case.step}): {error}")

    async with (
        httpx.AsyncClient(base_url=APIS[0], timeout=60) as one,
        httpx.AsyncClient(base_url=APIS[1], timeout=60) as other,
    ):
        await _until_ready(other)
        samples = [sample for sample in load_sample_claims() if sample.no in numbers]
        cases = [
            Case(sample, (one, other)[n % 2], tokens=provider.token, forward=forward, unit_ids=units)
            for n, sample in enumerate(samples)
        ]
        await play(cases[0])
        city.kill("worker-1")
        await asyncio.gather(*(play(case) for case in cases[1:]))
        headers = (await one.get("/health/ready")).headers
        unsigned = (await one.get("/claims")).status_code
    return {
        "played": sorted(played),
        "broken": broken,
        "headers": dict(headers),
        "unsigned": unsigned,
        "let_in": await _let_in(Settings()),
    }


async def _let_in(ours: Settings) -> list[str]:
    """Return who can reach the Temporal frontend: with our certificate, without one, without TLS."""
    own = ours.transport
    tried = {"ours": own, "no certificate": Transport(ca_file=own.ca_file), "plain": PLAIN}
    found = []
    for name, transport in tried.items():
        with suppress(RuntimeError):
            await connect(FrontendAddress(ours.temporal, ours.namespace, transport=transport))
            found.append(name)
    return found


async def _until_ready(http: httpx.AsyncClient) -> None:
    async def is_ready() -> bool:
        with suppress(httpx.TransportError):
            return (await http.get("/health/ready")).status_code == httpx.codes.OK
        return False

    await until(is_ready)


def _uid(pid: int) -> int:
    return os.stat(f"/proc/{pid}").st_uid


def _environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")


if __name__ == "__main__":
    made, server, ui_server = map(Path, sys.argv[1:4])
    main(made, server, ui_server, [int(number) for number in sys.argv[4:]])
