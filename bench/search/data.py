"""Generated claims for `bench_search.py`."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import insert

from claims.lookup.unit_tree import Organisation
from claims.model.organisation import Unit
from claims.model.terms import Category, Channel, CloseReason, Colour, Stage
from claims.text.normalisation import name_key
from data import load_organisation
from records import tables
from records.database.engine import Records
from records.queries import search

YEARS: Final = 5
FIRST: Final = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=365 * YEARS)
AT_ONCE: Final = 2000
SNAPSHOT: Final = json.dumps(
    {"order": {"matter": "诉求" * 200}, "limits": ["时限" * 20] * 20}, ensure_ascii=False
)
OPEN_STAGES: Final = [stage for stage in Stage if stage is not Stage.CLOSED]
OPEN_OF_THE_LATEST: Final = 0.3
WITH_CO_UNIT: Final = 0.1
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

Row = dict[str, object]


def build(records: Records, count: int) -> None:
    """Insert rows as `records.claim_writer` writes them, in batches."""
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
                {
                    str(row["number"]): (
                        str(row["enterprise"]),
                        name_key(str(row["enterprise"])),
                        str(row["matter"]),
                    )
                    for row, _ in made
                },
            )


def claim(chance: random.Random, n: int, count: int, name: str, unit: Unit) -> tuple[Row, list[Row]]:
    """Return a claim's row, and its parties' rows."""
    organisation = load_organisation()
    at = FIRST + timedelta(days=365 * YEARS) * (n / count)
    is_open = n > count * 0.985 or (n > count * 0.9 and chance.random() < OPEN_OF_THE_LATEST)
    row: Row = {
        "number": f"QH{at:%Y%m%d}{n:07d}",
        "seq": 20,
        "stage": chance.choice(OPEN_STAGES) if is_open else Stage.CLOSED,
        "unit": unit.id,
        "unit_name": unit.short,
        **district_of(chance, organisation),
        "category": chance.choices(list(Category), [20, 60, 5, 15])[0],
        "channel": chance.choices(list(Channel), [60, 15, 2, 2, 8, 6, 1, 1, 5])[0],
        "enterprise": name,
        "enterprise_key": name_key(name),
        **dict.fromkeys(("credit_code", "account", "complained_of", "contact", "phone"), ""),
        "matter": matter(chance, n),
        "light": chance.choices(["", Colour.YELLOW, Colour.RED], [92, 6, 2])[0],
        "next_due": at + timedelta(days=chance.randrange(1, 30)) if is_open else None,
        "closed_reason": "" if is_open else CloseReason.SATISFIED,
        "closed_at": None if is_open else at + timedelta(days=9),
        "registered_at": at,
        "updated_at": at + timedelta(days=chance.random() * 20),
        "snapshot": SNAPSHOT,
    }
    return row, list(parties(chance, organisation, str(row["number"]), unit))


def written(row: Row) -> tuple[str, str, str]:
    """Return a claim's searchable text."""
    name = str(row["enterprise"])
    return name, name_key(name), str(row["matter"])


def district_of(chance: random.Random, organisation: Organisation) -> Row:
    """Return a district's columns."""
    districts = [u for u in organisation.units if u.id.startswith("QX-") and u.id.count("-") == 1]
    district = chance.choice(districts)
    return {"district": district.id, "district_name": district.name}


def parties(chance: random.Random, organisation: Organisation, number: str, unit: Unit) -> Iterator[Row]:
    """Yield the units that see a claim: the lead unit, sometimes a co-unit, and the units above them."""
    path = set(organisation.path(unit.id))
    helper = chance.choice(organisation.units) if chance.random() < WITH_CO_UNIT else unit
    for id in sorted(path | set(organisation.path(helper.id))):
        yield {"number": number, "unit": id, "leads": id in path, "current": True}


def company(chance: random.Random) -> str:
    """Return a name such as 枣庄…有限公司."""
    return f"枣庄{''.join(chance.choices(CHARACTERS, k=3))}{chance.choice(TRADES)}有限公司"


def matter(chance: random.Random, n: int) -> str:
    """Return a matter of common words and a few rare ones."""
    rare = "".join(chr(0x4E00 + chance.randrange(6000)) for _ in range(2))
    said = "，".join(f"{chance.choice(SUBJECTS)}{chance.choice(PROBLEMS)}" for _ in range(2))
    return f"我公司{chance.choice(PLACES)}{said}，{rare}项目已等待{n % 60}天，恳请协调解决。"
