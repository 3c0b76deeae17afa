"""Removes the parts of python-docx's default template that no paper uses.

They are nine tenths of a paper's size: all of Word's styles, twice, and a picture of an empty page. Without
this, every paper made from a template would read and write them again.
"""

from collections.abc import Iterator
from typing import Final

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from lxml.etree import _Element

_UNUSED_PARTS: Final = frozenset(
    {
        "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
        RELATIONSHIP_TYPE.CUSTOM_XML,
        RELATIONSHIP_TYPE.THUMBNAIL,
    }
)
"""Parts to drop: a copy of the styles for Word 2007, a bibliography, a thumbnail."""
_STYLED: Final = tuple(qn(f"w:{name}") for name in ("pStyle", "rStyle", "tblStyle"))
_LEADS_TO: Final = tuple(qn(f"w:{name}") for name in ("basedOn", "next", "link"))
_VALUE: Final = qn("w:val")


def leave_out_unused(paper: Document) -> None:
    """Remove unreferenced parts, and styles that neither the text nor a kept style uses."""
    numbered = any(True for root in _texts(paper) for _ in root.iter(qn("w:numPr")))
    unused = _UNUSED_PARTS if numbered else _UNUSED_PARTS | {RELATIONSHIP_TYPE.NUMBERING}
    for relations in (paper.part.rels, paper.part.package.rels):
        for id in [id for id, relation in relations.items() if relation.reltype in unused]:
            del relations[id]
    _keep_used_styles(paper)


def _keep_used_styles(paper: Document) -> None:
    styles = {style.get(qn("w:styleId")): style for style in paper.styles.element.iter(qn("w:style"))}
    wanted = [id for id, style in styles.items() if style.get(qn("w:default"))]
    wanted += [str(found.get(_VALUE)) for root in _texts(paper) for found in root.iter(*_STYLED)]
    used = set[str]()
    while wanted:
        id = wanted.pop()
        if id in styles and id not in used:
            used.add(id)
            wanted += [str(found.get(_VALUE)) for found in styles[id].iter(*_LEADS_TO)]
    for id in styles.keys() - used:
        paper.styles.element.remove(styles[id])


def _texts(paper: Document) -> Iterator[_Element]:
    yield paper.element
    for relation in paper.part.rels.values():
        if relation.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER):
            yield relation.target_part.element
