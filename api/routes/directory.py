"""`/directory` and `/knowledge`: suggestions with reasons; people decide (R12-R14)."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from api.http.dependencies import Caller, Used
from api.http.routing import guarded_router
from calendar_rules import local_day
from claims.lookup.directory import Candidate, Hint, not_accepted_hint
from claims.lookup.knowledge import Hit, search
from claims.model.labels import label
from claims.model.terms import Category, DeclineReason
from service_layer.claims.dispatch_candidates import dispatch_candidates
from service_layer.clock import now
from service_layer.permissions import refuse_enterprises

router = guarded_router("派单目录与知识库")

SearchText = Annotated[str, Query(min_length=1, max_length=5000)]
Limit = Annotated[int, Query(ge=1, le=20, description="最多给出几条")]


class Suggestions(BaseModel):
    """Units that may be the right ones, and hints that the matter may not be acceptable."""

    candidates: list[Candidate] = Field(description="候选单位，最合适的在前，附理由")
    hints: list[Hint] = Field(description="可能不予受理的提示（R13），由受理专员核实")


class Articles(BaseModel):
    """Articles that may answer a question."""

    articles: list[Hit]


class ListedReason(BaseModel):
    """A reason for not accepting a matter."""

    reason: DeclineReason
    reason_name: str


class ListedDoor(BaseModel):
    """A channel, and the reasons for which a matter belongs there."""

    id: str
    name: str
    reasons: list[DeclineReason]
    reason_names: list[str] = Field(description="这些理由的名称，次序相同")


class Doors(BaseModel):
    """What is not accepted, and where it belongs."""

    reasons: list[ListedReason]
    doors: list[ListedDoor]


class ListedMatter(BaseModel):
    """A matter of the dispatch directory."""

    entry: str = Field(description="派单目录条目编号")
    matter: str


class ListedSubcategory(BaseModel):
    """A kind of a category, and the matters beneath it."""

    id: str
    category: Category
    category_name: str
    name: str
    source: str
    matters: list[ListedMatter]


class Subcategories(BaseModel):
    """The kinds of all categories."""

    subcategories: list[ListedSubcategory]


@router.get("/directory/suggest", summary="派单建议")
async def suggest_units(
    *,
    text: SearchText,
    services: Used,
    actor: Caller,
    district: Annotated[str, Query(max_length=64, description="区（市）或镇（街）编号或简称")] = "",
    complained_of: Annotated[
        str, Query(max_length=64, description="被投诉单位编号；不建议该单位及其下级（R53）")
    ] = "",
    limit: Limit = 5,
) -> Suggestions:
    """按派单目录给出候选单位及理由（R14），由受理专员决定。"""
    refuse_enterprises(actor, what="查询派单目录")
    candidates = dispatch_candidates(services, text, district, most=limit, complained_of=complained_of)
    return Suggestions(candidates=candidates, hints=not_accepted_hint(text))


@router.get("/directory/doors", summary="不予受理的理由和渠道")
async def list_doors(services: Used, actor: Caller) -> Doors:
    """不予受理的理由，以及受理该类事项的渠道（R13）。"""
    refuse_enterprises(actor, what="查询渠道目录")
    doors = [
        ListedDoor(**entry.door.model_dump(), reason_names=[*map(label, entry.door.reasons)])
        for entry in services.doors
    ]
    reasons = [ListedReason(reason=reason, reason_name=label(reason)) for reason in DeclineReason]
    return Doors(reasons=reasons, doors=doors)


@router.get("/directory/subcategories", summary="各类诉求的小类和事项")
async def list_subcategories(services: Used) -> Subcategories:
    """方案二（二）所列的小类，及其下派单目录的事项（R11）。"""
    matters = {entry.id: entry.matter for entry in services.directory}
    return Subcategories(
        subcategories=[
            ListedSubcategory(
                **kind.model_dump(include={"id", "category", "name", "source"}),
                category_name=label(kind.category),
                matters=[ListedMatter(entry=id, matter=matters[id]) for id in kind.matters],
            )
            for kind in services.subcategories
        ]
    )


@router.get("/knowledge", summary="检索知识库")
async def search_knowledge(q: SearchText, services: Used, actor: Caller, limit: Limit = 5) -> Articles:
    """可供即时答复引用的条目及理由（R12）；只给出现行有效的。"""
    refuse_enterprises(actor, what="检索知识库")
    return Articles(articles=search(q, services.knowledge, limit, on=local_day(now())))
