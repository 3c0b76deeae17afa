"""Which pages the navigation shows: one table by role. Permissions are checked by the service layer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from claims.model.terms import Role
from claims.model.values import Actor


class Place(NamedTuple):
    """A page in the navigation."""

    path: str
    name: str


DESK: Final = Place("/app/desk", "受理台")
CALLBACKS: Final = Place("/app/callbacks", "回访台")
INBOX: Final = Place("/app/inbox", "单位待办")
BOARD: Final = Place("/app/board", "平台看板")
ARBITRATION: Final = Place("/app/arbitration", "裁定")
LEADERS: Final = Place("/app/leaders", "领导小组")
ASSESSMENTS: Final = Place("/app/assessments", "测评")
BRIEFS: Final = Place("/app/briefs", "简报")
MEETINGS: Final = Place("/app/meetings", "联席会议")
CLUES: Final = Place("/app/clues", "线索")
CITY: Final = Place("/app/city", "目录与知识库")
AUDITS: Final = Place("/app/audits", "审计")
ADMINISTRATION: Final = Place("/app/settings", "管理")
CLAIMS: Final = Place("/app/claims", "工单查询")
REPORT: Final = Place("/report", "我要反映")
TRACK: Final = Place("/track", "进度查询")

PLACES: Final[Mapping[Role, tuple[Place, ...]]] = MappingProxyType(
    {
        Role.OPERATOR: (DESK, BOARD, CLAIMS),
        Role.CALLER: (CALLBACKS, DESK, CLAIMS),
        Role.HANDLER: (INBOX, ASSESSMENTS, CLAIMS),
        Role.HEAD: (INBOX, ASSESSMENTS, CLAIMS),
        Role.SUPERVISOR: (BOARD, ASSESSMENTS, BRIEFS, CLAIMS),
        Role.ARBITER: (ARBITRATION, CLAIMS),
        Role.COORDINATOR: (LEADERS, BOARD, ASSESSMENTS, BRIEFS, MEETINGS, CITY, CLAIMS),
        Role.INSPECTOR: (LEADERS, CLUES, BOARD, ASSESSMENTS, BRIEFS, MEETINGS, CLAIMS),
        Role.AUDITOR: (AUDITS, BOARD, ASSESSMENTS, BRIEFS, CLAIMS),
        Role.ADMIN: (ADMINISTRATION, CITY, BOARD, ASSESSMENTS, CLAIMS),
        Role.ENTERPRISE: (REPORT, CLAIMS, TRACK),
    }
)
"""A role's own desk first."""


def navigation(actor: Actor | None) -> list[Place]:
    """Return the places of all roles that a person holds, each once."""
    if actor is None:
        return []
    return list(dict.fromkeys(place for role in actor.roles for place in PLACES.get(role, ())))


def home(actor: Actor) -> str:
    """Return the person's own desk."""
    places = navigation(actor)
    return places[0].path if places else CLAIMS.path
