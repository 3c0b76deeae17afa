"""How fast claims are found: `python bench/bench_search.py [--claims N] [--rounds N] [--json] [--url URL]`.

N claims (200,000) of five years are written into a new SQLite file: real units with all units above them,
several thousand enterprises, matters made of some common and many rare words; nine of ten are closed, the
others are of the last weeks. Each kind of search is asked so many times (40) with other values, as
`GET /claims` does: one page of 50 with everything it shows. Milliseconds at the median and the 95th
percentile, and how many times the floor that is: the same file asked for one row by its key, in the same run.

`--url`: another, empty database, such as one on PostgreSQL.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import insert, select

from claims.model.organisation import Unit
from claims.model.terms import Category, Channel, CloseReason, Colour, Stage
from data import load_organisation
from records import tables
from records.database.engine import Records, open_records
from records.queries import search
from records.queries.claims import find_claims
from records.queries.filters import ClaimFilter, Sight
from records.queries.paging import ClaimSort, PageRequest

YEARS: Final = 5
FIRST: Final = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=365 * YEARS)
AT_ONCE: Final = 2000
SNAPSHOT: Final = json.dumps(
    {"order": {"matter": "诉求" * 200}, "limits": ["时限" * 20] * 20}, ensure_ascii=False
)
BOUND_MS: Final = 50.0

SUBJECTS: Final = (
    "供电",
    "变压器",
    "供水",
    "燃气",
    "供热",
    "道路",
    "排水",
    "用地",
    "不动产",
    "消防验收",
    "施工许可",
    "税收",
    "社保",
    "用工",
    "贷款",
    "担保",
    "环评",
    "招标",
    "货款",
    "物流",
    "停车",
    "噪声",
    "垃圾清运",
    "网络",
    "环保督察",
)
PROBLEMS: Final = (
    "迟迟不予办理",
    "验收排不上",
    "电压不稳",
    "手续繁琐",
    "多次反映无果",
    "资料重复提交",
    "费用偏高",
    "长期拖欠",
    "审批超期",
    "无人答复",
    "标准不一",
    "影响生产",
)
PLACES: Final = (
    "厂区二期",
    "东门口",
    "园区北路",
    "一号车间",
    "仓储中心",
    "办公楼",
    "生活区",
    "工业园",
    "高速路口",
    "老厂房",
)
TRADES: Final = (
    "机械",
    "铸造",
    "纺织",
    "食品",
    "新材料",
    "化工",
    "医药",
    "电子",
    "物流",
    "建材",
    "煤业",
    "锂电",
    "农业",
    "玻璃",
)
CHARACTERS: Final = "鲁岳泰沂滕薛峄枣微湖凤凰金盛华瑞康达恒通宏远天力东方嘉禾中正博爱诚信永兴昌隆福源"


def main() -> None:
    """Build, ask, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--url", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zaoying-bench-") as folder:
        url = options.url or f"sqlite:///{folder}/records.db"
        with open_records(url) as records:
            began = perf_counter()
            build(records, options.claims)
            built = perf_counter() - began
            found = measure(records, options.rounds)
    report = {
        "claims": options.claims,
        "seconds_to_build": round(built, 1),
        "machine": platform.machine(),
        **found,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2) if options.json else as_text(report))


def build(records: Records, count: int) -> None:
    """Rows as `records.writing` leaves them, many at a time."""
    chance, units = random.Random(7), [unit for unit in load_organisation().units if unit.handles]
    names = [company(chance) for _ in range(count // 25)]
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        made = [claim(chance, n, count, chance.choice(names), chance.choice(units)) for n in numbers]
        with records.writing() as connection:
            connection.execute(insert(tables.CLAIM), [row for row, _ in made])
            connection.execute(
                insert(tables.CLAIM_PARTY), [party for _, parties in made for party in parties]
            )
            search.index(
                connection,
                {str(row["number"]): (str(row["enterprise"]), str(row["matter"])) for row, _ in made},
            )


Row = dict[str, object]


def claim(chance: random.Random, n: int, count: int, name: str, unit: Unit) -> tuple[Row, list[Row]]:
    """One claim's row, and those of its parties."""
    organisation = load_organisation()
    at = FIRST + timedelta(days=365 * YEARS) * (n / count)
    is_open = n > count * 0.985 or (n > count * 0.9 and chance.random() < 0.3)
    stage = (
        chance.choice([stage for stage in Stage if stage is not Stage.CLOSED]) if is_open else Stage.CLOSED
    )
    district = chance.choices(
        [u for u in organisation.units if u.id.startswith("QX-") and u.id.count("-") == 1]
    )[0]
    row: Row = {
        "number": f"QH{at:%Y%m%d}{n:07d}",
        "seq": 20,
        "stage": stage,
        "unit": unit.id,
        "unit_name": unit.short,
        "district": district.id,
        "district_name": district.name,
        "category": chance.choices(list(Category), [20, 60, 5, 15])[0],
        "channel": chance.choices(list(Channel), [60, 15, 2, 2, 8, 6, 1, 1, 5])[0],
        "enterprise": name,
        "matter": matter(chance, n),
        "light": chance.choices(["", Colour.YELLOW, Colour.RED], [92, 6, 2])[0],
        "next_due": at + timedelta(days=chance.randrange(1, 30)) if is_open else None,
        "closed_reason": "" if is_open else CloseReason.SATISFIED,
        "closed_at": None if is_open else at + timedelta(days=9),
        "registered_at": at,
        "updated_at": at + timedelta(days=chance.random() * 20),
        "snapshot": SNAPSHOT,
    }
    path = set(organisation.path(unit.id))
    helper = chance.choice(organisation.units) if chance.random() < 0.1 else unit
    seen = path | set(organisation.path(helper.id))
    return row, [{"number": row["number"], "unit": id, "leads": id in path} for id in sorted(seen)]


def company(chance: random.Random) -> str:
    """枣庄…有限公司."""
    return f"枣庄{''.join(chance.choices(CHARACTERS, k=3))}{chance.choice(TRADES)}有限公司"


def matter(chance: random.Random, n: int) -> str:
    """Common words, and a few that hardly any other has."""
    rare = "".join(chr(0x4E00 + chance.randrange(6000)) for _ in range(2))
    said = "，".join(f"{chance.choice(SUBJECTS)}{chance.choice(PROBLEMS)}" for _ in range(2))
    return f"我公司{chance.choice(PLACES)}{said}，{rare}项目已等待{n % 60}天，恳请协调解决。"


def kinds(
    chance: random.Random, records: Records
) -> Iterator[tuple[str, Callable[[], tuple[ClaimFilter, ClaimSort]]]]:
    """Each kind of search, with a maker of other values."""
    units = [unit.id for unit in load_organisation().units if unit.handles]
    rows = find_claims(records, page=PageRequest(limit=200)).rows
    now = rows[0].registered_at
    newest, due = ClaimSort.NEWEST, ClaimSort.DUE_FIRST

    def some_text(length: int) -> str:
        text = chance.choice(rows).matter
        start = chance.randrange(len(text) - length)
        return text[start : start + length]

    def sorted_by() -> ClaimSort:
        return chance.choice(list(ClaimSort))

    yield "everything, any order", lambda: (ClaimFilter(), sorted_by())
    yield "by number", lambda: (ClaimFilter(text=chance.choice(rows).number), newest)
    yield "by a day's numbers", lambda: (ClaimFilter(number=chance.choice(rows).number[:10]), sorted_by())
    yield (
        "enterprise, part of its name",
        lambda: (ClaimFilter(enterprise=chance.choice(rows).enterprise[2:5]), newest),
    )
    yield "text, a common word", lambda: (ClaimFilter(text=chance.choice(SUBJECTS)), sorted_by())
    yield "text, a rare word", lambda: (ClaimFilter(text=rare_word(chance.choice(rows).matter)), newest)
    yield "text, two characters", lambda: (ClaimFilter(text=some_text(2)), sorted_by())
    yield "text, eight characters", lambda: (ClaimFilter(text=some_text(8)), newest)
    yield "text, one character", lambda: (ClaimFilter(text=some_text(1)), newest)
    yield "text that nowhere stands", lambda: (ClaimFilter(text="齉龘" + some_text(2)), newest)
    yield "stage", lambda: (ClaimFilter(stage=chance.choice(list(Stage))), sorted_by())
    yield "unit and below", lambda: (ClaimFilter(unit=chance.choice(units)), sorted_by())
    yield "district", lambda: (ClaimFilter(district=chance.choice(rows).district), sorted_by())
    yield (
        "category and channel",
        lambda: (
            ClaimFilter(category=chance.choice(list(Category)), channel=chance.choice(list(Channel))),
            sorted_by(),
        ),
    )
    yield "light", lambda: (ClaimFilter(light=chance.choice(list(Colour))), sorted_by())
    yield (
        "due within three days",
        lambda: (ClaimFilter(due_after=now, due_before=now + timedelta(days=3)), due),
    )
    yield (
        "registered in a month",
        lambda: (
            ClaimFilter(
                registered_after=(day := now - timedelta(days=chance.randrange(60, 1700))),
                registered_before=day + timedelta(days=30),
            ),
            sorted_by(),
        ),
    )
    yield (
        "open ones of a unit's sight",
        lambda: (
            ClaimFilter(visible_to=Sight(unit=chance.choice(units)), stage=Stage.HANDLING),
            sorted_by(),
        ),
    )
    yield (
        "a district's platform, a common word",
        lambda: (
            ClaimFilter(visible_to=Sight(unit=chance.choice(rows).district), text=chance.choice(SUBJECTS)),
            sorted_by(),
        ),
    )
    yield (
        "district, word, light",
        lambda: (
            ClaimFilter(
                district=chance.choice(rows).district, text=chance.choice(SUBJECTS), light=Colour.RED
            ),
            sorted_by(),
        ),
    )
    yield (
        "district, category, word",
        lambda: (
            ClaimFilter(
                district=chance.choice(rows).district,
                category=Category.SUGGESTION,
                text=chance.choice(SUBJECTS),
            ),
            sorted_by(),
        ),
    )


def rare_word(text: str) -> str:
    """The two characters before 项目."""
    return text.split("项目")[0][-2:]


def measure(records: Records, rounds: int) -> dict[str, object]:
    """Milliseconds of each kind, and of the floor."""
    chance = random.Random(11)
    floor = statistics.median(timed(lambda: by_key(records, chance)) for _ in range(rounds * 5))
    figures: dict[str, Mapping[str, float]] = {}
    for name, make in kinds(chance, records):
        taken = sorted(ask(records, *make()) for _ in range(rounds))
        p50, p95 = statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.95))]
        figures[name] = {
            "p50_ms": round(p50, 2),
            "p95_ms": round(p95, 2),
            "p95_to_floor": round(p95 / floor, 1),
        }
    return {"floor_ms": round(floor, 3), "kinds": figures, "bound_ms": BOUND_MS}


def ask(records: Records, wanted: ClaimFilter, sort: ClaimSort) -> float:
    """Milliseconds for the first page."""
    return timed(lambda: find_claims(records, wanted, PageRequest(sort=sort)))


def by_key(records: Records, chance: random.Random) -> None:
    """The floor: one row by its key, or none."""
    number = f"QH20261124{chance.randrange(200_000):07d}"
    with records.reading() as connection:
        connection.execute(select(tables.CLAIM.c.matter).where(tables.CLAIM.c.number == number)).all()


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def as_text(report: Mapping[str, object]) -> str:
    """A table for people."""
    kinds_of = report["kinds"]
    if not isinstance(kinds_of, dict):
        raise TypeError("kinds")
    lines: Sequence[str] = [
        f"{name:40} {f['p50_ms']:8.2f} {f['p95_ms']:8.2f} {f['p95_to_floor']:8.1f}"
        for name, f in kinds_of.items()
    ]
    head = (
        f"{report['claims']:,} claims, built in {report['seconds_to_build']} s; floor {report['floor_ms']} ms"
    )
    return "\n".join([head, f"{'kind':40} {'p50 ms':>8} {'p95 ms':>8} {'/floor':>8}", *lines])


if __name__ == "__main__":
    main()
