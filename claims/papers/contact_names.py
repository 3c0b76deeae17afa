"""Finds the names of an enterprise's contacts in text: full names, and surnames with a title.

A surname is often part of another word: 提高总量 does not name anyone called 高. Such words are left. If the
context does not decide, as for an official of the same surname, the name counts as the contact's (R53).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_TITLES: Final = (
    *(
        "副总经理",
        "总经理",
        "副总",
        "经理",
        "总监",
        "总裁",
        "总工",
        "老板",
        "副厂长",
        "厂长",
        "董事长",
        "董事",
    ),
    *("先生", "女士", "小姐", "主任", "主管", "师傅", "会计", "部长", "店长", "站长", "队长", "老师", "同志"),
    *("某某", "某", "姐", "哥"),
    r"总(?!额|量(?!力)|产[量值]|体|数|共|部(?![署门])|结|局|投[资入]|计|价|面积|公司|承包|包|成[本绩]|收入|院|值|则|协调|务"
    r"|站|店|队|长|工期|线|表|图|办|目|揽)",
    r"工(?!作|程|业|地|人|厂|期|资|商|具|艺|序|会|费|伤|龄|种|本)",
)
_TITLE: Final = "|".join(_TITLES)
_TITLED: Final = re.compile(rf"(.*?)(?:{_TITLE})")
_ROLES: Final = re.compile(
    rf"(?:{_TITLE}|总|工|财务|人事|行政|前台|客服|办公室|业务员|负责人|法人|法定代表人|联系人|经办人|本人|企业|公司)*"
)
"""Titles and occupations, which are not names."""
_APART: Final = re.compile(r"[、,，;；/|:：()（）\[\]【】\s]+")
_IN_BRACKETS: Final = re.compile(r"[(（]([^()（）0-9]{1,20})[)）]")
_TWO_SURNAMES: Final = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|轩辕|夏侯|端木"
)
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金"
    "陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_LONGEST_NAME: Final = 4
_FAMILIAR: Final = re.compile("[老小阿](.)")
_BEFORE: Final = {
    "高": "提新最较升抬崇",
    "成": "构形组完达变建促",
    "向": "面方走去意",
    "万": "0123456789一二三四五六七八九十百千数几上",
    "时": "及届按准当同临随",
    "方": "双地各多对警官校厂甲乙我",
    "任": "责主担信离现兼委",
    "安": "公治平保",
    "常": "经通正日",
    "明": "说表证声阐",
    "平": "水公",
    "水": "供排用污",
    "全": "安健",
    "应": "供反响",
    "计": "共总合统设会审",
    "单": "订名工账清派",
    "程": "工流课",
    "关": "有相海机",
    "金": "资押税奖现",
    "路": "道公铁",
    "车": "货汽客",
    "查": "检核调",
    "周": "本上下每一",
    "于": "由关对处位属",
    "王": "霸国帝",
    "易": "交贸",
    "施": "措设实",
}
"""Characters that form another word with a surname."""
_TRADES: Final = frozenset("施金单水石车成全时方文花钢程")
"""Surnames that form a word with 工."""


@lru_cache(maxsize=5_000)
def contact_names(contact: str) -> tuple[str, ...]:
    """Return the contacts' full names, longest first."""
    pieces = [*_pieces(contact)]
    found = {name for piece in pieces for name in _names(piece)}
    if not pieces and len(contact) > 1 and not _ROLES.fullmatch(contact):
        found.add(contact)
    return tuple(sorted(found, key=lambda name: (-len(name), name)))


@lru_cache(maxsize=5_000)
def forms_of_address(contact: str) -> re.Pattern[str] | None:
    """Return a pattern for a contact's surname with a title, or None if there is no surname."""
    called = sorted({one for piece in _pieces(contact) for one in _surnames(piece)})
    return re.compile("|".join(_with_title(surname) for surname in called)) if called else None


def words_beside(phone: str) -> tuple[str, ...]:
    """Return the words beside the phone number that say whose it is."""
    return tuple(_IN_BRACKETS.findall(phone))


def _with_title(surname: str) -> str:
    before = f"(?<![{_BEFORE[surname]}])" if surname in _BEFORE else ""
    titles = "|".join(_TITLES[:-1]) if surname in _TRADES else _TITLE
    return f"{before}{re.escape(surname)}(?:{titles})"


def _pieces(contact: str) -> Iterator[str]:
    """Yield each contact in a field that may name several."""
    for piece in _APART.split(contact):
        if piece and not piece.isascii() and not _ROLES.fullmatch(piece):
            yield piece


def _untitled(piece: str) -> tuple[str, bool]:
    titled = _TITLED.fullmatch(piece)
    return (titled[1], True) if titled else (piece, False)


def _names(piece: str) -> Iterator[str]:
    """Return the names in a text, except a surname with a title, which is a form of address."""
    rest, has_title = _untitled(piece)
    if len(piece) > 1 and not (has_title and len(rest) == 1):
        yield piece
    if 1 < len(rest) <= _LONGEST_NAME and not _ROLES.fullmatch(rest):
        yield rest


def _surnames(piece: str) -> Iterator[str]:
    """Yield the surnames. A department may precede the surname (车间王主任), or 老 or 小."""
    rest, has_title = _untitled(piece)
    if familiar := _FAMILIAR.fullmatch(rest):
        rest = familiar[1]
    if two := _TWO_SURNAMES.match(rest):
        yield two[0]
        return
    if len(rest) <= _LONGEST_NAME or not has_title:
        yield rest[0]
    if has_title and rest[2:] and rest[-1] in _SURNAMES:
        yield rest[-1]
