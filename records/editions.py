"""The editions published while the system runs (R7)."""

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
    """An edition as it was published; `revision` counts from 1."""

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
        """The edition from its instant on, or from its publication if that was later on the same day."""
        since = max(self.edition.in_force_from, self.entered_at)
        return self.edition.model_copy(update={"in_force_from": since})


class EditionRequest(PublicationRequest):
    """An edition as submitted."""


class EditionRequestIdTaken(Exception):
    """The request id stands for another edition, or is another sender's."""


def newest_edition(records: Records) -> int:
    """The newest revision; 0 while nothing has been published. Raises RecordsUnavailable."""
    return publications.newest_revision(records, EDITION)


def published_editions(records: Records) -> list[PublishedEdition]:
    """In the order in which they were published. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return publications.all_published(connection, EDITION, PublishedEdition)


def in_force(published: Sequence[PublishedEdition]) -> tuple[Edition, ...]:
    """What `claims.editions.edition.policy_for` takes."""
    return tuple(item.in_force for item in published)


def publish_edition(records: Records, wish: EditionRequest) -> tuple[PublishedEdition, bool]:
    """Publish an edition, once: the same again is answered with the first. Whether it is new.

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
    """The edition if it was published before. Raises EditionRequestIdTaken."""
    for item in known:
        is_same = item.edition == edition and item.actor.sub == wish.actor.sub
        if item.request_id == wish.request_id and not is_same:
            raise EditionRequestIdTaken(wish.request_id)
    return next((item for item in known if item.edition == edition), None)


def mark_edition_finished(records: Records, id: str, at: datetime) -> None:
    """All open claims and accounts know this edition. Raises RecordsUnavailable."""
    publications.mark_finished(records, EDITION, EDITION.c.id == id, at)


class Editions:
    """Remembers the editions. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: tuple[Edition, ...] = ()
        self._reading: Final = threading.Lock()

    @property
    def last_known(self) -> tuple[Edition, ...]:
        """The last known value, without a query."""
        return self._known

    def current(self, records: Records) -> tuple[Edition, ...]:
        """The published editions: one look at the revision, and a reading where that is another. Raises
        RecordsUnavailable."""
        if newest_edition(records) != len(self._known):
            with self._reading:
                self._known = in_force(published_editions(records))
        return self._known
