"""Editions in the records, on both databases, and the open claims that they reach (R7)."""

from datetime import datetime

import pytest
from pydantic import JsonValue, TypeAdapter

from claims.editions.validation import EditionRefused
from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Category
from claims.model.values import Actor
from records.claim_writer import write_step
from records.database.engine import Records, open_records
from records.editions import (
    EditionRequest,
    EditionRequestIdTaken,
    Editions,
    in_force,
    mark_edition_finished,
    newest_edition,
    publish_edition,
    published_editions,
)
from records.queries.edition_claims import count_running_claims, running_claims
from tests.support.claims.editions import edition, raw_edition
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import COORDINATOR, OPERATOR
from tests.support.dates import beijing
from tests.support.records.sample_steps import at_once

AT = beijing("Wed 2026-11-25 10:00")


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def wish(
    raw: dict[str, object], request_id: str = "r1", *, actor: Actor = COORDINATOR, at: datetime = AT
) -> EditionRequest:
    fields = TypeAdapter(dict[str, JsonValue]).validate_python(raw)
    return EditionRequest(request_id=request_id, raw=fields, document="att-1", actor=actor, at=at)


def keep(records: Records, paper: Paper, number: str) -> None:
    claim = paper.claim.model_copy(update={"number": number})
    write_step(records, TransitionRecord(claim=claim, entries=tuple(paper.journal)))


@pytest.mark.rule("R7")
def test_an_edition_is_kept_with_who_when_and_why(records: Records) -> None:
    entered, is_new = publish_edition(records, wish(raw_edition()))
    assert is_new
    assert published_editions(records) == [entered]
    assert (entered.revision, entered.edition, entered.actor) == (1, edition(), COORDINATOR)
    assert (entered.entered_at, entered.finished_at, entered.document) == (AT, None, "att-1")


@pytest.mark.rule("R7")
@pytest.mark.parametrize("request_id", ["r1", "r3"])
def test_the_same_edition_twice_is_one(records: Records, request_id: str) -> None:
    first, _ = publish_edition(records, wish(raw_edition()))
    publish_edition(records, wish(raw_edition("b", in_force_from="2027-02-01"), "r2"))
    assert publish_edition(records, wish(raw_edition(), request_id)) == (first, False)
    assert newest_edition(records) == 2


@pytest.mark.rule("R7")
def test_a_request_id_stands_for_one_edition_of_one_sender(records: Records) -> None:
    publish_edition(records, wish(raw_edition()))
    for other in (wish(raw_edition("b")), wish(raw_edition(), actor=OPERATOR)):
        with pytest.raises(EditionRequestIdTaken):
            publish_edition(records, other)


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    "raw",
    [
        raw_edition(changes={"resolve_days": 9}),
        raw_edition("b", in_force_from="2026-12-31"),
        raw_edition("b", changes={"resolve_day": 9}),
    ],
)
def test_what_is_refused_leaves_no_trace(records: Records, raw: dict[str, object]) -> None:
    publish_edition(records, wish(raw_edition()))
    with pytest.raises(EditionRefused):
        publish_edition(records, wish(raw, "r2"))
    assert newest_edition(records) == 1


def publish_it(url: str, id: str) -> int:
    with open_records(url) as records:
        return publish_edition(records, wish(raw_edition(id), f"r-{id}"))[0].revision


def test_editions_that_are_published_at_once_get_places_of_their_own(
    records: Records, either_url: str
) -> None:
    assert sorted(at_once(publish_it, [(either_url, id) for id in "abc"])) == [1, 2, 3]


@pytest.mark.rule("R7")
def test_an_edition_published_on_its_first_day_is_in_force_from_its_publication(records: Records) -> None:
    publish_edition(records, wish(raw_edition(in_force_from="2026-11-25")))
    publish_edition(records, wish(raw_edition("b"), "r2"))
    since = [item.in_force_from for item in in_force(published_editions(records))]
    assert since == [AT, beijing("Fri 2027-01-01 00:00")]


@pytest.mark.rule("R7")
def test_every_reader_has_the_newest_editions_at_once(records: Records) -> None:
    known = Editions()
    assert not known.current(records)
    publish_edition(records, wish(raw_edition()))
    assert not known.last_known
    assert list(known.current(records)) == [*known.last_known] == [edition()]


def test_an_edition_is_finished_once(records: Records) -> None:
    publish_edition(records, wish(raw_edition()))
    for at in (beijing("Fri 2027-01-01 00:05"), beijing("Fri 2027-01-01 00:09")):
        mark_edition_finished(records, "2027-1", at)
    assert published_editions(records)[0].finished_at == beijing("Fri 2027-01-01 00:05")


@pytest.mark.rule("R7")
def test_open_claims_and_those_that_still_await_something_are_reached(records: Records) -> None:
    keep(records, Paper().dispatched(), "QH1")
    keep(records, Paper(category=Category.CONSULTATION), "QH2")
    keep(records, Paper().unreachable(), "QH3")
    declined = Paper()
    declined.must(Action.DECLINE, OPERATOR)
    keep(records, declined, "QH4")
    for_all = edition(reaches="open")
    own = edition("own", {}, reaches="open", categories={"consultation": {"reply_days": 1}})
    assert [claim.number for claim in running_claims(records, for_all).claims] == ["QH1", "QH2", "QH3"]
    assert [claim.number for claim in running_claims(records, for_all, "QH1").claims] == ["QH2", "QH3"]
    assert [claim.number for claim in running_claims(records, own).claims] == ["QH2"]
    assert [count_running_claims(records, item) for item in (for_all, own, edition())] == [3, 1, 0]
