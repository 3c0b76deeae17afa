"""Checks of a proposed organisation: the units form one tree, and every matter has a unit that handles it (R14, R61)."""

from datetime import date

from claims.lookup.unit_tree import BrokenOrganisation, Organisation
from claims.lookup.unit_versions import UnitVersion
from claims.model.organisation import UnknownUnit
from service_layer.errors import ErrorKind, FieldError, ServiceError
from service_layer.services import Services


def check_unit_version(services: Services, version: UnitVersion, *, first_day: date) -> None:
    """Raise INVALID if the units would not form a tree, on the version's first day or when another change
    takes effect; if a merger's target does not exist; or if the directory names a unit that is to handle
    nothing.
    """
    later = {one.in_force_from for one in services.city.unit_changes if one.in_force_from > first_day}
    tree = _tree(services, version, first_day)
    for day in sorted(later):
        _tree(services, version, day)
    if version.merged_into:
        _check_merger(tree, version)
    if not version.handles:
        _check_directory(services, version, first_day)


def _tree(services: Services, version: UnitVersion, day: date) -> Organisation:
    try:
        return services.city.organisation_on(day, version)
    except BrokenOrganisation as error:
        field = "parent" if "上级" in str(error) or "顶层" in str(error) else "short"
        raise _wrong(field, f"{error}（{day}）") from error


def _check_merger(tree: Organisation, version: UnitVersion) -> None:
    try:
        other = tree.get(version.merged_into)
    except UnknownUnit as error:
        raise _wrong("merged_into", f"没有编号为{version.merged_into}的单位") from error
    if other.merged_into or other.id == version.id:
        raise _wrong("merged_into", f"{other.short}不能接收：它自己已经并入他单位，或就是本单位")
    if version.handles:
        raise _wrong("roles", "并入他单位的不再承办，请取消“承办”")


def _check_directory(services: Services, version: UnitVersion, day: date) -> None:
    names = {version.id, version.name, version.short}
    before = next((one for one in services.organisation.units if one.id == version.id), None)
    names |= {before.name, before.short} if before else set()
    named = [
        entry.id
        for entry in services.city.directory_on(day)
        if (entry.effective_to is None or entry.effective_to >= day) and names & {entry.unit, *entry.co_units}
    ]
    if named:
        listed = "、".join(named[:10])
        raise _wrong("roles", f"派单目录还派给该单位（{listed}），请先修改这些条目，自同一天起施行")


def _wrong(field: str, problem: str) -> ServiceError:
    wrong = [FieldError(field=field, problem=problem)]
    return ServiceError(ErrorKind.INVALID, "组织机构有误，尚未提出", rule="R14", fields=wrong)
