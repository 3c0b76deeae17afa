"""Lists of claims: filters, visibility, and stable pages."""

import base64
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from claims.model.claim import Claim
from claims.model.journal import TransitionRecord
from claims.model.organisation import UnitRef
from claims.model.terms import Action, Category, Channel, Colour, Role, Stage
from claims.model.values import Actor
from claims.need_to_know import may_see
from records.claim_writer import write_step
from records.database.engine import Records, open_records
from records.queries import filters, search
from records.queries.claims import find_claims, snapshot
from records.queries.filters import ClaimFilter, Sight
from records.queries.paging import BadCursor, ClaimSort, PageRequest
from service_layer.views.serializers import claim_summary
from tests.support.claims.credit_codes import code_of
from tests.support.claims.people import person
from tests.support.records.postgres import Cluster
from tests.support.records.sample_steps import (
    BUREAU,
    DISTRICT,
    OPERATOR,
    POWER,
    TOWN,
    UNITS,
    WATER,
    WEDNESDAY,
    act,
    dispatched,
    fixed,
    head_of,
    registered,
    story,
)

CODE = code_of("甲_公司")
HOUR = timedelta(hours=1)


def number(count: int) -> str:
    return f"QH20261125{count:04d}"


def redispatched(name: str) -> TransitionRecord:
    """From the power company to the water company, after the town helped the first."""
    fresh = fixed(dispatched(name, POWER, TOWN).claim).claim
    signed = {"reason": "不属供电", "basis": "职责清单", "suggested_unit": WATER.id}
    returned = act(fresh, Action.REJECT, head_of(POWER), WEDNESDAY + 2 * HOUR, **signed)
    decided = {"decision": "redispatch", "unit": WATER.id, "reason": "属供水"}
    return act(returned.claim, Action.REDETERMINE, OPERATOR, WEDNESDAY + 3 * HOUR, **decided)


def delegated(name: str) -> TransitionRecord:
    at = WEDNESDAY + 2 * HOUR
    return act(dispatched(name, DISTRICT).claim, Action.DELEGATE, head_of(DISTRICT), at, unit=TOWN.id)


SCENE = [
    registered(number(1), matter="电费100%上涨", enterprise="甲_公司", channel=Channel.APP, district="TZ"),
    registered(number(2), matter="电费1000上涨", enterprise="甲B公司", category=Category.CONSULTATION),
    story(number(3))[-1],
    redispatched(number(4)),
    delegated(number(5)),
    fixed(dispatched(number(6), BUREAU, enterprise="ACME（枣庄）有限公司").claim, days=9),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Cluster
) -> Iterator[Records]:
    file = tmp_path_factory.mktemp("scene") / "records.db"
    with open_records(postgres.create() if request.param == "postgresql" else f"sqlite:///{file}") as records:
        for step in SCENE:
            write_step(records, step)
        yield records


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def counts(records: Records, wanted: ClaimFilter) -> list[int]:
    page = find_claims(records, wanted, PageRequest(sort=ClaimSort.NUMBER, with_total=True))
    assert page.total == len(page.rows)
    return [int(row.number[-4:]) for row in page.rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"stage": Stage.REGISTERED}, [1, 2]),
        ({"stage": Stage.CLOSED}, []),
        ({"unit": "ZZ"}, [3, 4, 5, 6]),
        ({"unit": POWER.id}, [3]),
        ({"unit": WATER.id}, [4]),
        ({"unit": DISTRICT.id}, [5, 6]),
        ({"unit": TOWN.id}, [5]),
        ({"unit": "nowhere"}, []),
        ({"district": "TZ"}, [1]),
        ({"category": Category.CONSULTATION}, [2]),
        ({"channel": Channel.APP}, [1]),
        ({"light": Colour.RED}, [3]),
        ({"light": Colour.YELLOW}, []),
        ({"due_before": WEDNESDAY + timedelta(days=30)}, [3, 6]),
        ({"due_before": WEDNESDAY + timedelta(days=9)}, [3]),  # missed, and still not met
        ({"text": "电费100%"}, [1]),
        ({"text": "电费100"}, [1, 2]),
        ({"text": "甲_公司"}, [1]),
        ({"text": "  上涨 "}, [1, 2]),
        ({"text": "acme（枣庄）"}, [6]),
        ({"text": "20261125000"}, [1, 2, 3, 4, 5, 6]),
        ({"text": "qh202611250004"}, [4]),
        ({"text": "电费"}, [1, 2]),
        ({"text": "费"}, [1, 2]),
        ({"text": "%"}, [1]),
        ({"text": "费 上"}, []),
        ({"text": "上涨电"}, []),
        ({"text": "公司甲"}, []),
        ({"text": "鱻"}, []),
        ({"number": "QH20261125000"}, [1, 2, 3, 4, 5, 6]),
        ({"number": "202611250002"}, [2]),
        ({"number": "0002"}, []),
        ({"enterprise": "甲B"}, [2]),
        ({"enterprise": "甲b公"}, [2]),
        ({"enterprise": "电费"}, []),
        ({"enterprise": "枣庄"}, [3, 4, 5, 6]),
        ({"due_after": WEDNESDAY + timedelta(days=9)}, [6]),
        ({"due_after": WEDNESDAY + timedelta(days=40)}, []),
        ({"registered_after": WEDNESDAY}, [1, 2, 3, 4, 5, 6]),
        ({"registered_after": WEDNESDAY + HOUR}, []),
        ({"registered_before": WEDNESDAY}, []),
        ({"registered_before": WEDNESDAY + HOUR}, [1, 2, 3, 4, 5, 6]),
        ({"text": "/"}, []),
        ({"text": "'; DROP TABLE claim; --"}, []),
        ({"stage": Stage.HANDLING, "unit": DISTRICT.id, "text": "ACME"}, [6]),
    ],
)
def test_a_filter_lets_through_what_fits_all_of_it(
    scene: Records, wanted: dict[str, object], found: list[int]
) -> None:
    assert counts(scene, ClaimFilter.model_validate(wanted)) == found


@pytest.fixture(params=[(-1, -1), (-1, 100), (100, 100)], ids=["in order", "held against", "led"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threshold for few and for some claims."""
    few, some = request.param
    monkeypatch.setattr(filters, "FEW", few)
    monkeypatch.setattr(filters, "SOME", some)


WANTED = [
    {"text": "电费", "category": Category.CONSULTATION},
    {"unit": DISTRICT.id, "stage": Stage.HANDLING, "enterprise": "枣庄"},
    {"text": "2026112500", "visible_to": Sight(unit=TOWN.id, credit_code=CODE)},
    {"light": Colour.RED, "visible_to": Sight(unit=BUREAU.id)},
]
FOUND = [[2], [5, 6], [1, 4, 5], [3]]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("sort", ClaimSort)
@pytest.mark.parametrize(("wanted", "found"), list(zip(WANTED, FOUND, strict=True)))
def test_every_way_to_the_claims_finds_the_same(
    scene: Records, wanted: dict[str, object], found: list[int], sort: ClaimSort
) -> None:
    page = find_claims(scene, ClaimFilter.model_validate(wanted), PageRequest(sort=sort, with_total=True))
    assert (sorted(int(row.number[-4:]) for row in page.rows), page.total) == (found, len(found))


def test_a_claim_is_found_by_what_was_written_from_its_first_step_on(records: Records) -> None:
    write_step(records, registered(number(1), matter="燃气管道"))
    wanted = ClaimFilter(text="气管")
    assert [row.number for row in find_claims(records, wanted).rows] == [number(1)]
    with records.writing() as connection:
        search.clear(connection)
    assert find_claims(records, wanted).rows == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("123号变压器", [1, 2]),
        ("１２３号变压器", [1, 2]),
        ("café", [3, 4]),
        ("CAFE", [3, 4]),
        ("ＡＢＣ科技", [4]),
        ("abc科技", [4]),
        ("%", []),
    ],
)
def test_width_capitals_and_accents_make_no_difference(
    records: Records, wanted: str, found: list[int]
) -> None:
    write_step(records, registered(number(1), matter="要求验收１２３号变压器"))
    write_step(records, registered(number(2), matter="要求验收123号变压器"))
    write_step(records, registered(number(3), matter="Café 门前停电"))
    write_step(records, registered(number(4), matter="cafe 停电", enterprise="ＡＢＣ科技有限公司"))
    assert counts(records, ClaimFilter(text=wanted)) == found


@pytest.mark.parametrize("wanted", ["Élan(一)", "élan（一）", "ELAN(一)", "ｅｌａｎ（一）", "e\u0301lan"])
def test_nor_do_they_in_a_name(records: Records, wanted: str) -> None:
    write_step(records, registered(number(1), enterprise="枣庄Élan（一）有限公司"))
    write_step(records, registered(number(2), enterprise="枣庄Ｅｌａｎ(一)有限公司"))
    write_step(records, registered(number(3), enterprise="枣庄Eland有限公司"))
    found = [1, 2] if "一" in wanted else [1, 2, 3]
    assert counts(records, ClaimFilter(enterprise=wanted)) == found
    assert counts(records, ClaimFilter(text=wanted)) == found


def test_a_number_is_found_in_full_width(records: Records) -> None:
    write_step(records, registered(number(1)))
    wide = number(1).translate({ord(char): ord(char) + 0xFEE0 for char in number(1)})
    for wanted in (ClaimFilter(number=wide), ClaimFilter(text=wide), ClaimFilter(text=wide[2:])):
        assert counts(records, wanted) == [1]


def test_a_claim_indexed_before_texts_were_folded_is_found_as_it_was_written(records: Records) -> None:
    write_step(records, registered(number(1), matter="Café 门前"))
    with records.writing() as connection:
        search.clear(connection)
        search._index_one(connection, number(1), ["a", "af", "c", "ca", "f", "fé", "é"])
    assert counts(records, ClaimFilter(text="café")) == [1]


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (Sight(unit=POWER.id), [3]),
        (Sight(unit=TOWN.id), [4, 5]),
        (Sight(unit=BUREAU.id), [3, 6]),
        (Sight(unit=DISTRICT.id), [3, 4, 5, 6]),
        (Sight(credit_code=CODE), [1]),
        (Sight(credit_code=code_of("甲")), []),
        (Sight(unit=WATER.id, credit_code=CODE), [1, 4]),
        (Sight(), []),
    ],
)
def test_who_looks_sees_only_their_own(scene: Records, sight: Sight, seen: list[int]) -> None:
    assert counts(scene, ClaimFilter(visible_to=sight)) == seen


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.id)
def test_what_a_unit_sees_in_lists_is_what_the_table_lets_it_see(scene: Records, unit: UnitRef) -> None:
    actor = Actor(sub="x", roles=(Role.HANDLER,), unit=unit)
    allowed = [int(step.claim.number[-4:]) for step in SCENE if may_see(step.claim, actor)]
    assert counts(scene, ClaimFilter(visible_to=Sight(unit=unit.id))) == allowed


def test_what_an_enterprise_sees_in_lists_is_what_the_table_lets_it_see(scene: Records) -> None:
    for step in SCENE:
        name, code = step.claim.order.enterprise, step.claim.order.credit_code
        actor = person(Role.ENTERPRISE, name=name)
        allowed = [int(other.claim.number[-4:]) for other in SCENE if may_see(other.claim, actor)]
        assert counts(scene, ClaimFilter(visible_to=Sight(credit_code=code))) == allowed


def test_a_filter_with_a_naive_instant_or_an_endless_text_is_refused() -> None:
    with pytest.raises(ValidationError):
        ClaimFilter(due_before=datetime.fromisoformat("2026-11-25 00:00"))
    with pytest.raises(ValidationError):
        ClaimFilter(text="电" * 201)


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_has_one_to_two_hundred_rows(limit: int) -> None:
    with pytest.raises(ValidationError):
        PageRequest(limit=limit)


def pages(records: Records, sort: ClaimSort, limit: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = find_claims(records, page=PageRequest(sort=sort, cursor=cursor, limit=limit))
        assert len(page.rows) <= limit
        found += [row.number for row in page.rows]
        cursor = page.next_cursor
    return found


def in_order(claims: list[tuple[datetime, datetime | None, str]], sort: ClaimSort) -> list[str]:
    """Return the order of a sort, computed without a database; nothing has changed since registration."""
    index = {"registered_at": 0, "next_due": 1, "number": 2, "updated_at": 0}[sort.field]
    with_value = sorted((x for x in claims if x[index] is not None), key=lambda x: (x[index], x[2]))
    without = sorted((x for x in claims if x[index] is None), key=lambda x: x[2])
    if sort.descends:
        with_value.reverse()
        without.reverse()
    return [x[2] for x in with_value + without]


def varied(name: str, registered_day: int, due_days: int | None) -> Claim:
    step = registered(name, WEDNESDAY + timedelta(days=registered_day))
    return (fixed(step.claim, days=due_days) if due_days is not None else step).claim


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(1, 3)), max_size=8),
    st.sampled_from(ClaimSort),
    st.integers(1, 5),
)
def test_pages_together_hold_every_claim_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    blank_records: Path,
    claims: list[tuple[int, int | None]],
    sort: ClaimSort,
    limit: int,
) -> None:
    file = shutil.copyfile(blank_records, tmp_path_factory.mktemp("pages") / "records.db")
    with open_records(f"sqlite:///{file}") as records:
        for count, (registered_day, due_days) in enumerate(claims):
            write_step(records, TransitionRecord(claim=varied(number(count), registered_day, due_days)))
        rows = find_claims(records).rows
        expected = in_order([(row.registered_at, row.next_due, row.number) for row in rows], sort)
        assert pages(records, sort, limit) == expected
        assert len(expected) == len(claims)


@pytest.mark.parametrize("sort", ClaimSort)
def test_rows_that_come_between_two_pages_neither_repeat_nor_hide_others(
    records: Records, sort: ClaimSort
) -> None:
    for count in range(10, 20):
        write_step(records, TransitionRecord(claim=varied(number(count), count % 3, count % 2 or None)))
    before = pages(records, sort, 50)
    first = find_claims(records, page=PageRequest(sort=sort, limit=4))
    for count, day in ((1, 0), (2, 9), (25, 0), (26, 9)):
        write_step(records, TransitionRecord(claim=varied(number(count), day, 1)))
    assert first.next_cursor is not None
    rest: list[str] = [row.number for row in first.rows]
    cursor: str | None = first.next_cursor
    while cursor is not None:
        page = find_claims(records, page=PageRequest(sort=sort, limit=4, cursor=cursor))
        rest += [row.number for row in page.rows]
        cursor = page.next_cursor
    assert [name for name in rest if name in before] == before
    assert len(rest) == len(set(rest))


def test_the_newest_come_first_unless_told_otherwise(records: Records) -> None:
    for count in (1, 2, 3):
        write_step(records, registered(number(count), WEDNESDAY + count * HOUR))
    assert [row.number for row in find_claims(records).rows] == [number(3), number(2), number(1)]


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "不是标记",
        "abc",
        "====",
        "A" * 5000,
        encoded("[]"),
        encoded("{"),
        encoded('{"sort": "number", "at": null, "number": "QH202611250001"}'),
        encoded('{"sort": "-registered_at", "at": null, "number": "QH202611250001"}'),
        encoded('{"sort": "-registered_at", "at": "2026-11-25T01:30:00", "number": "QH202611250001"}'),
        base64.urlsafe_b64encode(b"\xff\xfe\xfd").decode(),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused_in_chinese(scene: Records, cursor: str) -> None:
    with pytest.raises(BadCursor, match="翻页标记无效"):
        find_claims(scene, page=PageRequest(cursor=cursor))


def test_a_cursor_says_nothing_to_people_and_fits_a_url(scene: Records) -> None:
    cursor = find_claims(scene, page=PageRequest(limit=1)).next_cursor
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_list_never_shows_contact_data(scene: Records) -> None:
    row = find_claims(scene).rows[0]
    assert snapshot(scene, row.number) is not None
    shown = claim_summary(row, OPERATOR)
    assert not {"phone", "contact"} & set(type(shown).model_fields)
    assert row.phone
    assert row.phone not in shown.model_dump_json()
