"""Papers and signatures: each one named in a claim's history must exist with its original content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.replay.replayed_run import ReplayedRun
from claims.model.claim import Claim
from claims.model.claim_parts import Signature
from claims.model.values import Value
from claims.papers.requests import FORMS
from records.attachments import Attachment, attachment, attachments_of
from records.contents import ContentLost, ContentStore
from records.database.engine import Records


class MissingPaper(Value):
    """A paper that is missing, or changed if `changed` is set."""

    attachment: str
    what: str
    changed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A claim's paper with its content."""

    attachment: Attachment
    data: bytes


def named_papers(claim: Claim) -> dict[str, str]:
    """Return the attachments named by the claim's actions, with descriptions."""
    signed: list[tuple[str, Signature]] = []
    signed += [(f"第{d.n}次派单的退单签字件", d.returned.signature) for d in claim.dispatches if d.returned]
    if claim.extension is not None:
        signed.append(("延期申请签字件", claim.extension.signature))
    signed += [("审核反馈表签字件", form.signature) for form in claim.reviews]
    named = {signature.paper: what for what, signature in signed if signature.paper}
    return named | {form.seal: "审核反馈表盖章件" for form in claim.reviews if form.seal}


def missing_papers(records: Records, contents: ContentStore, replayed: ReplayedRun) -> Iterator[MissingPaper]:
    """Return everything named in a history that is missing or changed. Raises RecordsUnavailable."""
    hashes = {
        paper.filed.attachment: (FORMS[paper.request.kind].name, paper.filed.sha256)
        for paper in replayed.papers
        if paper.filed is not None
    }
    for paper in replayed.papers:
        if paper.filed is None and replayed.run.is_over:
            yield _lacks(FORMS[paper.request.kind].name, changed=False, why="历史中没有制发的结果")
    wanted: dict[str, tuple[str, str]] = dict(hashes)
    if replayed.claim is not None:
        wanted |= {id: (what, "") for id, what in named_papers(replayed.claim).items() if id not in wanted}
        known = {found.id: found for found in attachments_of(records, replayed.claim.number)}
        wanted |= {id: (found.file_name, "") for id, found in known.items() if id not in wanted}
    for id, (what, sha256) in wanted.items():
        found = _examined(attachment(records, id), contents, what, sha256)
        if found is not None:
            yield found.model_copy(update={"attachment": id})


def _examined(row: Attachment | None, contents: ContentStore, what: str, sha256: str) -> MissingPaper | None:
    if row is None:
        return _lacks(what, changed=False, why="附件登记中没有")
    if sha256 and row.sha256 != sha256:
        return _lacks(what, changed=True, why=f"历史所记的哈希为{sha256}，附件登记为{row.sha256}")
    try:
        contents.get(row.sha256)
    except ContentLost as error:
        is_changed = "holds" in str(error)
        return _lacks(what, changed=is_changed, why="文件内容已被改动" if is_changed else "文件已丢失")
    return None


def _lacks(what: str, *, changed: bool, why: str) -> MissingPaper:
    return MissingPaper(attachment="", what=what, changed=changed, message=f"{what}：{why}")


def exhibits(
    records: Records, contents: ContentStore, number: str
) -> tuple[list[Exhibit], Mapping[str, str]]:
    """Return every paper of a claim with its content, oldest first; and unavailable ones by attachment id."""
    found: list[Exhibit] = []
    lost: dict[str, str] = {}
    for row in attachments_of(records, number):
        try:
            found.append(Exhibit(row, contents.get(row.sha256)))
        except ContentLost as error:
            lost[row.id] = str(error)
    return found, lost
