"""The problems that an archive can have, each with its entry and a message for people."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from archive.entries import ArchiveEntry


class ProblemKind(StrEnum):
    """The kinds of problems."""

    NO_ARCHIVE = "no-archive"
    INSTALLATION_CHANGED = "installation-changed"
    FOREIGN_INSTALLATION = "foreign-installation"
    UNREADABLE_ENTRY = "unreadable-entry"
    CHANGED_ENTRY = "changed-entry"
    BROKEN_CHAIN = "broken-chain"
    REORDERED_ENTRY = "reordered-entry"
    DUPLICATE_ENTRY = "duplicate-entry"
    MISSING_ENTRIES = "missing-entries"
    MISPLACED_FILE = "misplaced-file"
    CUT_SEGMENT = "cut-segment"
    MISNAMED_SEGMENT = "misnamed-segment"
    HEAD_MISSING = "head-missing"
    HEAD_UNREADABLE = "head-unreadable"
    HEAD_MISMATCH = "head-mismatch"
    HEAD_BEHIND = "head-behind"
    TRUNCATED = "truncated"
    KNOWN_HEAD_MISMATCH = "known-head-mismatch"
    MISSING_FILE = "missing-file"
    CHANGED_FILE = "changed-file"
    CHANGED_CONTENT = "changed-content"
    STRAY_FILE = "stray-file"
    ERASED = "erased"
    MISSING_ATTACHMENT = "missing-attachment"
    CHANGED_ATTACHMENT = "changed-attachment"
    EARLY_ERASURE = "early-erasure"


_SAID: Final[Mapping[ProblemKind, str]] = {
    ProblemKind.NO_ARCHIVE: "此处没有归档，或安装标识文件 INSTALLATION.json 已丢失",
    ProblemKind.INSTALLATION_CHANGED: "安装标识文件 INSTALLATION.json 已被改动，与首条所记不符",
    ProblemKind.FOREIGN_INSTALLATION: "属于另一套系统，不是本归档的内容",
    ProblemKind.UNREADABLE_ENTRY: "清单此行无法读取",
    ProblemKind.CHANGED_ENTRY: "清单此条已被改动，与其自身的哈希不符",
    ProblemKind.BROKEN_CHAIN: "此条与下一条所记的哈希不符：此条被换过，或其后有增删",
    ProblemKind.REORDERED_ENTRY: "清单此条不在原来的位置，次序被改动",
    ProblemKind.DUPLICATE_ENTRY: "清单此条重复",
    ProblemKind.MISSING_ENTRIES: "清单中有条目被删除",
    ProblemKind.MISPLACED_FILE: "清单此条所指的文件不是其应在的位置",
    ProblemKind.CUT_SEGMENT: "清单文件的末尾被截断",
    ProblemKind.MISNAMED_SEGMENT: "清单文件的名称与其首条的序号不符",
    ProblemKind.HEAD_MISSING: "清单的头记录 HEAD.json 已丢失",
    ProblemKind.HEAD_UNREADABLE: "清单的头记录 HEAD.json 无法读取",
    ProblemKind.HEAD_MISMATCH: "此条与头记录 HEAD.json 所记的哈希不符",
    ProblemKind.HEAD_BEHIND: "清单比头记录 HEAD.json 长：上次归档没有做完（下次归档会补记），或末尾被添加",
    ProblemKind.TRUNCATED: "清单末尾的条目被删除",
    ProblemKind.KNOWN_HEAD_MISMATCH: "与另行保存的头记录不符：清单被整体改写过，或头记录不是本归档的",
    ProblemKind.MISSING_FILE: "历史文件丢失",
    ProblemKind.CHANGED_FILE: "历史文件已被改动",
    ProblemKind.CHANGED_CONTENT: "历史文件的内容与清单所记不符",
    ProblemKind.STRAY_FILE: "文件不在清单之内：上次归档没有做完（下次归档会补记），或其条目被删除",
    ProblemKind.ERASED: "保存十年期满，已按规定抹去（R70）",
    ProblemKind.MISSING_ATTACHMENT: "附件丢失，清单中没有按规定抹去它的记录（R70）",
    ProblemKind.CHANGED_ATTACHMENT: "附件的内容已被改动",
    ProblemKind.EARLY_ERASURE: "附件未满十年就被抹去（R70）",
}


class Problem(BaseModel):
    """One problem. `index` and `workflow_id` say where; None and empty if it concerns no single entry."""

    model_config = ConfigDict(frozen=True)

    kind: ProblemKind
    message: str
    index: int | None = None
    workflow_id: str = ""
    file: str = ""


def problem(
    kind: ProblemKind,
    *,
    index: int | None = None,
    entry: ArchiveEntry | None = None,
    file: str = "",
    more: str = "",
) -> Problem:
    """Return a problem with its message. `entry` supplies the workflow, and the index unless `index` is set."""
    place = entry.index if index is None and entry else index
    workflow = entry.workflow_id if entry else ""
    where = f"第 {place} 条" if place is not None else ""
    where += f"（{workflow}）" if workflow else ""
    where += f"{'，' if where else ''}{file}" if file else ""
    message = f"{where}：{_SAID[kind]}" if where else _SAID[kind]
    return Problem(
        kind=kind,
        message=message + (f"（{more}）" if more else ""),
        index=place,
        workflow_id=workflow,
        file=file,
    )
