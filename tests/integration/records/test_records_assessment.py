"""The data of an assessment, on both databases: facts written with their claims, and grouped (R60)."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from activities.assessment.contents import keep_facts, kept_facts, kept_facts_of
from activities.assessment.month_facts import RowsOfUnit, month_facts
from assessment.editions.model import sha256
from assessment.editions.monthly import edition_of, monthly_edition
from assessment.facts.claim_run import ClaimRun, parts_of
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import facts_of, recorded_facts
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.scoring.figures import Figure
from assessment.terms import ExclusionReason, Measure
from assessment.units import AssessedUnits, assessed_units
from claims.model.claim import Claim
from claims.model.refusals import Refused
from claims.model.unit_account import UnitAccount
from claims.recording.change import ClaimChange, claim_changes
from data import load_knowledge, load_organisation
from records.accounts import write_account
from records.claim_writer import write_change
from records.contents import ContentStore
from records.database.engine import Records
from records.facts.reader import claim_facts
from records.people import city_entries
from records.people.city_entries import CityKind, CityVersion, VersionState
from records.queries.assessment import first_registration
from records.tables import CLAIM, FACT
from tests.support.assessment.claim_stories import Play
from tests.support.assessment.period_play import keep_november
from tests.support.claims.people import POWER, WATER
from tests.support.dates import beijing
from tests.support.records.recorded_claims import keep

NOVEMBER = parse_period("2026-11")
UNITS = assessed_units(load_organisation())
SCHEME = scheme_for(NOVEMBER, load_schemes())
AFTERWARDS = beijing("Mon 2026-12-07 09:00")
STORIES = {
    "01": "Mon 10-26 09:00 dispatch:GD sign | Tue 10-27 10:00 contact reply feedback | Fri 10-30 09:00 satisfied",
    # false feedback, a criticism in November
    "03": "Mon 11-09 09:00 dispatch:GD sign contact reply feedback | Tue 11-10 09:00 denied | Wed 11-11 09:00 false",
    # nobody signs, nobody comes
    "04": "Mon 11-16 09:00 dispatch:GD",
}
EXCLUDED = Exclusion(
    claim="QH16",
    unit=POWER,
    reason=ExclusionReason.UNCOOPERATIVE,
    decided_on=AFTERWARDS.date(),
)


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def facts_on_record(records: Records, number: str) -> tuple[Fact, ...]:
    with records.reading() as connection:
        return claim_facts(connection, number)


def month_rows(records: Records, until: datetime) -> list[Fact]:
    with month_facts(records, NOVEMBER, load_organisation(), until=until) as found:
        return [fact for unit in found.units() for fact in found.facts_of(unit)]


@pytest.mark.rule("R60")
@pytest.mark.parametrize("no", ["01", "03"])
def test_a_claims_facts_are_written_with_it_and_are_those_of_its_life(records: Records, no: str) -> None:
    paper = Play(no, "TZ", STORIES[no]).paper
    keep(records, paper)
    wanted = recorded_facts(paper.claim, paper.journal)
    assert wanted
    assert facts_on_record(records, paper.claim.number) == wanted
    keep(records, paper)
    assert facts_on_record(records, paper.claim.number) == wanted


@pytest.mark.rule("R60")
def test_a_change_of_a_claim_replaces_its_facts(records: Records) -> None:
    before = Play("01", "TZ", "Mon 10-26 09:00 dispatch:GD sign").paper
    keep(records, before)
    assert facts_on_record(records, "QH01") == recorded_facts(before.claim, before.journal)
    after = Play("01", "TZ", STORIES["01"]).paper
    changed, removed = claim_changes(before.claim, after.claim)
    change = ClaimChange(
        number="QH01",
        seq=after.claim.seq,
        base=before.claim.seq,
        changed=changed,
        removed=tuple(removed),
        entries=tuple(entry for entry in after.journal if entry.seq > before.claim.seq),
    )
    for _ in range(2):
        write_change(records, change)
        assert facts_on_record(records, "QH01") == recorded_facts(after.claim, after.journal)


@pytest.mark.rule("R60")
def test_a_row_that_was_changed_is_mended_when_its_claim_is_written(records: Records) -> None:
    paper = Play("01", "TZ", STORIES["01"]).paper
    keep(records, paper)
    with records.writing() as connection:
        connection.execute(update(FACT).where(FACT.c.measure == "contact").values(why="改动"))
    keep(records, paper)
    assert facts_on_record(records, "QH01") == recorded_facts(paper.claim, paper.journal)


@pytest.mark.rule("R60", "R62", "R65")
@pytest.mark.parametrize("exclusions", [(), (EXCLUDED,)])
def test_the_databases_grouping_is_the_edition_of_the_same_rows(
    records: Records, exclusions: tuple[Exclusion, ...]
) -> None:
    keep_november(records)
    for until in (AFTERWARDS, beijing("Fri 2026-11-20 09:00")):
        with month_facts(records, NOVEMBER, load_organisation(), until=until) as found:
            grouped = edition_of(NOVEMBER, found.pooled(UNITS, exclusions), UNITS, SCHEME)
        counted = monthly_edition(NOVEMBER, month_rows(records, until), UNITS, SCHEME, exclusions=exclusions)
        assert grouped == counted
        assert sha256(grouped) == sha256(counted)
        assert grouped.exclusions == exclusions


@pytest.mark.rule("R60", "R61", "R65")
def test_units_merged_or_renamed_within_the_month_are_grouped_under_their_successor(records: Records) -> None:
    keep_november(records)
    merged = AssessedUnits(
        unit.model_copy(update={"merged_into": POWER}) if unit.id == WATER else unit for unit in UNITS
    )
    with records.writing() as connection:
        connection.execute(update(FACT).where(FACT.c.number == "QH01").values(unit_name="旧名"))
    rows = month_rows(records, AFTERWARDS)
    taken_over = next(row.claim for row in rows if row.unit == WATER and row.counted)
    exclusions = (EXCLUDED, EXCLUDED.model_copy(update={"claim": taken_over}))
    with month_facts(records, NOVEMBER, load_organisation(), until=AFTERWARDS) as found:
        grouped = edition_of(NOVEMBER, found.pooled(merged, exclusions), merged, SCHEME)
    assert grouped == monthly_edition(NOVEMBER, rows, merged, SCHEME, exclusions=exclusions)
    figures = grouped.model_dump_json(exclude={"exclusions"})
    kept = monthly_edition(NOVEMBER, rows, merged, SCHEME, exclusions=(EXCLUDED,))
    assert figures != kept.model_dump_json(exclude={"exclusions"})
    assert grouped.unit(WATER) is None
    line = grouped.unit(POWER)
    assert line is not None
    assert len(line.former_names) == 2
    assert "旧名" in line.former_names


@pytest.mark.rule("R60", "R20")
def test_within_the_month_only_what_is_due_stands(records: Records) -> None:
    play = Play("04", "TZ", STORIES["04"])
    play.run("Thu 11-19 09:00")
    paper = play.paper
    keep(records, paper)
    for until in (beijing("Mon 2026-11-16 10:00"), paper.now, AFTERWARDS):
        run = ClaimRun(
            claim=paper.claim, entries=tuple(paper.journal), until=until, parts=parts_of(paper.claim)
        )
        rows = sorted(month_rows(records, until), key=lambda fact: fact.id)
        assert rows == [*NOVEMBER.facts(facts_of(run))]


@pytest.mark.rule("R37")
def test_a_light_that_its_units_account_has_revoked_does_not_count(records: Records) -> None:
    keep_november(records)
    before = month_rows(records, AFTERWARDS)
    light = next(fact.about for fact in before if fact.measure is Measure.YELLOW and fact.unit == POWER)
    with records.reading() as connection:
        wanted = select(CLAIM.c.snapshot).where(CLAIM.c.number == light.partition("/")[0])
        text = connection.execute(wanted).scalar_one()
    (own,) = (each for each in Claim.model_validate_json(text).lights if each.id == light)
    account = UnitAccount.model_validate(
        {"unit": POWER, "seq": 3, "lights": {light: {**own.model_dump(), "revoked": True, "number": own.id}}}
    )
    write_account(records, account, ())
    with month_facts(records, NOVEMBER, load_organisation(), until=AFTERWARDS) as found:
        grouped = edition_of(NOVEMBER, found.pooled(UNITS, ()), UNITS, SCHEME)
        assert found.basis().units == {POWER: 3}
    after = month_rows(records, AFTERWARDS)
    assert grouped == monthly_edition(NOVEMBER, after, UNITS, SCHEME)
    changed = [fact for fact in after if fact not in before]
    assert [(fact.about, fact.counted, fact.rule) for fact in changed] == [(light, False, "R37")]


@pytest.mark.rule("R60", "R62")
def test_the_rows_that_are_kept_with_a_draft_are_those_on_record(records: Records, tmp_path: Path) -> None:
    keep_november(records)
    light = next(fact for fact in month_rows(records, AFTERWARDS) if fact.measure is Measure.YELLOW)
    own = {"id": light.about, "number": light.claim, "revoked": True}
    with records.reading() as connection:
        wanted = select(CLAIM.c.snapshot).where(CLAIM.c.number == light.claim)
        claim = Claim.model_validate_json(connection.execute(wanted).scalar_one())
    (given,) = (each for each in claim.lights if each.id == light.about)
    account = {"unit": light.unit, "seq": 3, "lights": {light.about: {**given.model_dump(), **own}}}
    write_account(records, UnitAccount.model_validate(account), ())
    with records.writing() as connection:
        odd = '第一行\n第二行，"引号"、\\和\t制表符\u2028'
        connection.execute(update(FACT).where(FACT.c.number == "QH01").values(why=odd, at=None))
    contents = ContentStore(tmp_path)
    for until in (beijing("Fri 2026-11-20 09:00"), AFTERWARDS):
        with month_facts(records, NOVEMBER, load_organisation(), until=until) as found:
            hash = keep_facts(contents, found.to_keep())
            assert keep_facts(contents, found.to_keep()) == hash
            wanted_rows = {unit: found.facts_of(unit) for unit in found.units() if found.facts_of(unit)}
        assert dict(kept_facts(contents, hash)) == wanted_rows
        assert kept_facts_of(contents, hash, POWER) == wanted_rows[POWER]
    assert any(fact.rule == "R37" for rows in wanted_rows.values() for fact in rows)


@pytest.mark.rule("R62")
def test_rows_that_an_earlier_version_kept_are_read(records: Records, tmp_path: Path) -> None:
    keep_november(records)
    contents = ContentStore(tmp_path)
    with month_facts(records, NOVEMBER, load_organisation(), until=AFTERWARDS) as found:
        rows = {unit: found.facts_of(unit) for unit in found.units()}
    before = [RowsOfUnit(unit, [], facts) for unit, facts in rows.items()]
    assert dict(kept_facts(contents, keep_facts(contents, before))) == rows


@pytest.mark.rule("R12", "R60", "R65")
def test_a_wrong_answer_counts_in_the_unit_that_keeps_its_article(records: Records, tmp_path: Path) -> None:
    play = Play("09", "TZ", "Mon 11-02 09:00 answer")
    keep(records, play.paper)
    before = play.paper.claim.model_copy(deep=True)
    for act in ("untrue", "dispatch:GD"):
        play.do(act)
        changed, removed = claim_changes(before, play.paper.claim)
        new = tuple(entry for entry in play.paper.journal if entry.seq > before.seq)
        change = ClaimChange(
            number="QH09",
            seq=play.paper.claim.seq,
            base=before.seq,
            changed=changed,
            removed=tuple(removed),
            entries=new,
        )
        write_change(records, change)
        before = play.paper.claim.model_copy(deep=True)
    assert facts_on_record(records, "QH09") == recorded_facts(play.paper.claim, play.paper.journal)
    excluded = Exclusion(
        claim="QH09",
        unit="ZZ-SWS",
        measure=Measure.KNOWLEDGE,
        reason=ExclusionReason.NO_FACTS,
        decided_on=AFTERWARDS.date(),
    )
    with month_facts(records, NOVEMBER, load_organisation(), until=AFTERWARDS) as found:
        figure = found.pooled(UNITS, ()).units["ZZ-SWS"][Measure.KNOWLEDGE]
        without = found.pooled(UNITS, (excluded,))
        kept = keep_facts(ContentStore(tmp_path), found.to_keep())
    assert figure == Figure(n=0, of=1, claims=("QH09",), lost=("QH09",))
    assert (without.units["ZZ-SWS"][Measure.KNOWLEDGE].of, without.exclusions) == (0, (excluded,))
    [row] = kept_facts_of(ContentStore(tmp_path), kept, "ZZ-SWS")
    assert (row.claim, row.about, row.counted) == ("QH09", "KB-001", True)


@pytest.mark.rule("R60")
def test_a_month_with_claims_of_an_earlier_version_is_refused_until_they_have_their_facts(
    records: Records,
) -> None:
    paper = Play("01", "TZ", STORIES["01"]).paper
    keep(records, paper)
    with records.writing() as connection:
        connection.execute(delete(FACT))
        connection.execute(update(CLAIM).values(has_facts=False))
    with (
        pytest.raises(Refused, match=r"QH01.*尚无考核数据") as refused,
        month_facts(records, parse_period("2026-10"), load_organisation(), until=AFTERWARDS),
    ):
        pass
    assert (refused.value.rule, "db rebuild" in refused.value.instead) == ("R60", True)
    with month_facts(
        records, parse_period("2026-12"), load_organisation(), until=beijing("Mon 2027-01-04 09:00")
    ) as found:
        assert found.basis().claims == {}
    keep(records, paper)
    with month_facts(records, parse_period("2026-10"), load_organisation(), until=AFTERWARDS) as found:
        assert found.basis().claims == {"QH01": paper.claim.seq}


def test_the_first_registration_is_the_earliest(records: Records) -> None:
    assert first_registration(records) is None
    for no in ("03", "01"):
        keep(records, Play(no, "TZ", STORIES[no]).paper)
    assert first_registration(records) == beijing("Mon 2026-10-26 09:00")


def reviewed(records: Records, article: str, proposed: str, approved: str) -> None:
    """Two people record a review of an article."""
    at = beijing(proposed)
    before = next(one for one in load_knowledge() if one.id == article)
    content = before.model_copy(update={"reviewed_on": at.date()}).model_dump(mode="json")
    version = CityVersion(
        id=f"{article}-{at:%m%d}",
        kind=CityKind.KNOWLEDGE,
        entry=article,
        content=content,
        in_force_from=at.date(),
        reason="半年复核",
        proposed_by="a",
        proposer="管宁",
        proposed_at=at,
    )
    city_entries.propose(records, version)
    decided = {"state": VersionState.APPROVED, "decided_by": "b", "decided_at": beijing(approved)}
    assert city_entries.decide(records, version.model_copy(update=decided))


@pytest.mark.rule("R60")
def test_knowledge_upkeep_is_counted_from_what_two_people_wrote_down(records: Records) -> None:
    """All articles of the release were reviewed on 2026-11-02, and are due on 2027-05-02."""
    reviewed(records, "KB-001", "Fri 2027-04-30 09:00", "Fri 2027-05-07 09:00")  # the approval took some time
    reviewed(records, "KB-007", "Wed 2027-05-05 09:00", "Thu 2027-05-06 09:00")
    may, until = parse_period("2027-05"), beijing("Tue 2027-06-01 09:00")
    with month_facts(records, may, load_organisation(), until=until) as found:
        of_taxes = found.pooled(UNITS, ()).units["ZZ-SWS"][Measure.KNOWLEDGE]
        rows = found.facts_of("ZZ-SWS")
        basis = found.basis()
    lost = ("KB-007", "KB-009")
    assert of_taxes == Figure(n=1, of=3, claims=("KB-001", *lost), lost=lost)
    assert [row.why for row in rows] == [
        "KB-001应于2027-05-02前复核，2027-04-30复核",
        "KB-007应于2027-05-02前复核，2027-05-05复核",
        "KB-009应于2027-05-02前复核，未复核",
    ]
    assert [one.change for one in basis.articles["KB-007"]] == ["", "KB-007-0505"]
    with month_facts(records, NOVEMBER, load_organisation(), until=AFTERWARDS) as found:
        assert (found.pooled(UNITS, ()).units, list(found.to_keep())) == ({}, [])
