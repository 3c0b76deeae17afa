"""The input of audit commands: histories and their replay, records, calendars, and option values."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.console import wait
from cli.refusals import CommandRefused
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from activities.assessment.knowledge import Articles
    from audit.histories.sources import FoundHistory, Sources
    from audit.replay.replayed_run import ReplayedRun
    from audit.verification.verify import Holdings
    from calendar_rules import WorkingCalendar
    from claims.lookup.unit_tree import Organisation
    from records.database.engine import Records


def replayed_claim(number: str, file: Path | None) -> "tuple[ReplayedRun, FoundHistory]":
    """Return a claim's history, from a file or any source, and its replay."""
    from audit.histories.sources import from_file
    from audit.replay.later_revocations import account_unavailable, add_later_revocations
    from audit.replay.replayer import replay_run

    settings = load_settings()
    silence_logs()

    async def found_and_replayed() -> "tuple[ReplayedRun, FoundHistory, list[str]]":
        sources = sources_of(settings)
        found = from_file(file, number) if file else await sources.claim(number)
        replayed = await replay_run(found.history, settings.data_converter)
        unknown = [] if file else await add_later_revocations(replayed, sources, settings.data_converter)
        return replayed, found, unknown

    with errors_as_refusals():
        replayed, found, unknown = wait(found_and_replayed())
    for unit in unknown:
        typer.echo(account_unavailable(unit), err=True)
    if replayed.claim is None or replayed.claim.number != number:
        other = replayed.claim.number if replayed.claim else replayed.run.workflow_id
        raise CommandRefused(f"这份历史是 {other} 的，不是 {number} 的")
    return replayed, found


def silence_logs() -> None:
    """Silence the SDK: the command itself reports what does not replay."""
    from runtime import logs

    logs.configure("CRITICAL")


def sources_of(settings: Settings) -> "Sources":
    """Return the sources of histories: the server, then the archive."""
    from audit.histories.sources import Sources, server_histories
    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    return Sources(server_histories(lambda: connect(settings, runtime=core_runtime())), settings.archive)


def holdings_of(settings: Settings, records: "Records") -> "Holdings":
    """Return the input of a verification: histories, records and papers."""
    from audit.verification.verify import Holdings
    from records.contents import ContentStore

    return Holdings(
        sources_of(settings), records, ContentStore(settings.attachments), settings.data_converter
    )


@contextmanager
def existing_records(settings: Settings) -> "Iterator[Records]":
    """Open existing records; never creates any."""
    from records.database.engine import open_records

    if not _has_records(settings):
        raise CommandRefused(f"{settings.home} 中没有记录库：请设置 ZAOYING_HOME 或 ZAOYING_DATABASE_URL")
    with open_records(settings.records_url) as records:
        yield records


def _has_records(settings: Settings) -> bool:
    return bool(settings.database_url) or (settings.home / "records.db").exists()


def calendar_in_force(settings: Settings, version: str, files: Sequence[Path]) -> "WorkingCalendar":
    """Return the calendar in force, or the one that had a version, with the arrangements of files besides.
    Raises BadCalendar, RecordsUnavailable.
    """
    from audit.replay.calendars import calendar_with
    from records.arrangements import all_published

    if not _has_records(settings):
        return calendar_with([], version, files)
    with existing_records(settings) as records:
        return calendar_with(all_published(records), version, files)


def organisation_of(settings: Settings, day: date) -> "Organisation":
    """Return the units as they were on a day; without records, as they were released. Raises RecordsUnavailable."""
    from activities.organisation import organisation_on
    from data import load_organisation

    if not _has_records(settings):
        return load_organisation()
    with existing_records(settings) as records:
        return organisation_on(records, day)


def articles_on_record(settings: Settings, organisation: "Organisation", *, until: datetime) -> "Articles":
    """Return the versions of the knowledge base by an instant; none without records. Raises RecordsUnavailable."""
    from activities.assessment.knowledge import article_versions

    if not _has_records(settings):
        return {}
    with existing_records(settings) as records:
        return article_versions(records, organisation, until=until)


def parse_instant(text: str) -> datetime:
    """Return an aware instant. Raises BadParameter."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"看不懂的时刻 {text!r}：请写成 2026-11-25T09:00:00+08:00") from error
    if found.tzinfo is None:
        raise typer.BadParameter(f"时刻 {text} 没有写明时区：请写成 2026-11-25T09:00:00+08:00")
    return found


def parse_pair(text: str, option: str) -> tuple[str, str]:
    """`name=value` of an option. Raises BadParameter."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter(f"{text!r} 应写成 名称=值，如 cutoff=17:30", param_hint=option)
    return name, value


@contextmanager
def errors_as_refusals() -> Iterator[None]:
    """Turn what an audit cannot do into the command's refusal."""
    from archive.errors import ArchiveError
    from audit.problems import AuditProblem, AuditUsageError
    from records.errors import NotOurRecords, RecordsUnavailable

    try:
        yield
    except AuditUsageError:
        raise
    except (AuditProblem, ArchiveError, RecordsUnavailable, NotOurRecords) as error:
        raise CommandRefused(str(error)) from error
