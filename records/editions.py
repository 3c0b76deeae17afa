"""Editions published at runtime (R7)."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from claims.editions.edition import Edition
from claims.editions.validation import check_fits, validate_edition
from claims.model.values import Actor
from records import publications
from records.database import dialects
from records.database.engine import Records
from records.publications import PublicationRequest
from records.tables import EDITION


class PublishedEdition(BaseModel):
    """A published edition; `revision` counts from 1."""

    model_config = ConfigDict(frozen=True)

    revision: int
    request_id: str
    edition: Edition
    document: str
    actor: Actor
    entered_at: datetime
    finished_at: datetime | None = None

    @property
    def in_force(self) -> Edition:
        """The edition, effective from its instant, or from its publication if that was later on the same day."""
        since = max(self.edition.in_force_from, self.entered_at)
        return self.edition.model_copy(update={"in_force_from": since})


class EditionRequest(PublicationRequest):
    """An edition as submitted."""


class EditionRequestIdTaken(Exception):
    """The request id was already used for another edition or by another sender."""


def newest_edition(records: Records) -> int:
    """Return the newest revision; 0 if nothing has been published. Raises RecordsUnavailable."""
    return publications.newest_revision(records, EDITION)


def published_editions(records: Records) -> list[PublishedEdition]:
    """Return the editions in order of publication. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return publications.all_published(connection, EDITION, PublishedEdition)


def in_force(published: Sequence[PublishedEdition]) -> tuple[Edition, ...]:
    """Return the argument for `claims.editions.edition.policy_for`."""
    return tuple(item.in_force for item in published)


def publish_edition(records: Records, wish: EditionRequest) -> tuple[PublishedEdition, bool]:
    """Publish an edition, and return it with whether it is new. Idempotent: a repeated request gets the first
    result.

    Raises EditionRefused, EditionRequestIdTaken, RecordsUnavailable.
    """
    with records.writing() as connection:
        dialects.lock_editions(connection)
        known = publications.all_published(connection, EDITION, PublishedEdition)
        edition = validate_edition(wish.raw)
        if same := same_edition(known, wish, edition):
            return same, False
        check_fits(edition, [item.edition for item in known], now=wish.at)
        entered = PublishedEdition(
            revision=len(known) + 1,
            edition=edition,
            entered_at=wish.at,
            **wish.model_dump(include={"request_id", "document", "actor"}),
        )
        row = {**entered.model_dump(), "id": edition.id, "edition": edition.model_dump(mode="json")}
        connection.execute(EDITION.insert(), [{**row, "actor": wish.actor.model_dump(mode="json")}])
        return entered, True


def same_edition(
    known: Sequence[PublishedEdition], wish: EditionRequest, edition: Edition
) -> PublishedEdition | None:
    """Return the edition if it was already published. Raises EditionRequestIdTaken."""
    for item in known:
        is_same = item.edition == edition and item.actor.sub == wish.actor.sub
        if item.request_id == wish.request_id and not is_same:
            raise EditionRequestIdTaken(wish.request_id)
    return next((item for item in known if item.edition == edition), None)


def mark_edition_finished(records: Records, id: str, at: datetime) -> None:
    """Store that all open claims and accounts have received this edition. Raises RecordsUnavailable."""
    publications.mark_finished(records, EDITION, EDITION.c.id == id, at)


class Editions:
    """Caches the editions. Thread-safe."""

    def __init__(self) -> None:
        self._known: tuple[Edition, ...] = ()
        self._reading: Final = threading.Lock()

    @property
    def last_known(self) -> tuple[Edition, ...]:
        """The last known editions, without a query."""
        return self._known

    def current(self, records: Records) -> tuple[Edition, ...]:
        """Return the published editions. Queries the revision, and reads the editions only if it changed.
        Raises RecordsUnavailable.
        """
        if newest_edition(records) != len(self._known):
            with self._reading:
                self._known = in_force(published_editions(records))
        return self._known
