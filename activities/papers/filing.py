"""Filing the papers that the procedure makes: number, Word file, attachment."""

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from temporalio import activity

from activities.papers.fields import PaperFields
from claims.model.terms import BackgroundTaskKind
from claims.papers.requests import FiledPaper, NumberedPaper, PaperRequest, is_blank_form, paper_attachment_id
from documents.rendering import render
from documents.uploads.media_types import MediaType
from records import attachments
from records.attachments import Attachment
from records.contents import Content, ContentStore
from records.database.engine import Records
from records.document_numbers import number_paper

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
FILE_PAPER = BackgroundTaskKind.FILE_PAPER.value


class PaperActivities:
    """Files into one database and one folder of contents."""

    def __init__(
        self,
        records: Records,
        contents: ContentStore,
        full_names: Callable[[], Mapping[str, str]] = lambda: NO_NAMES,
    ) -> None:
        self._records = records
        self._contents = contents
        self._fields = PaperFields(records, full_names)

    @activity.defn(name=FILE_PAPER, no_thread_cancel_exception=True)
    def file_paper(self, paper: PaperRequest) -> FiledPaper:
        """Number, render and store a paper. Idempotent by its id: it completes an earlier try that broke off anywhere."""
        number = "" if is_blank_form(paper) else number_paper(self._records, paper)
        numbered = NumberedPaper(request=paper, document_number=number)
        attachment = attachments.attachment(self._records, paper_attachment_id(paper.id))
        if attachment is None:
            attachment = self._filed(numbered)
        return FiledPaper(
            attachment=attachment.id,
            document_number=attachment.document_number,
            sha256=attachment.sha256,
        )

    def _filed(self, numbered: NumberedPaper) -> Attachment:
        request = numbered.request
        complete = request.model_copy(update={"fields": self._fields.of(request)})
        rendered = render(numbered.model_copy(update={"request": complete}))
        content = self._contents.put(io.BytesIO(rendered))
        return attachments.keep(self._records, attachment_of(numbered, content))[0]


def attachment_of(numbered: NumberedPaper, content: Content) -> Attachment:
    """Return the attachment that a paper is once it is filed."""
    paper = numbered.request
    return Attachment(
        id=paper_attachment_id(paper.id),
        claim=paper.number,
        unit=paper.unit,
        kind=paper.kind,
        file_name=numbered.file_name,
        media_type=MediaType.DOCX,
        size=content.size,
        sha256=content.sha256,
        uploaded_by=attachments.SYSTEM,
        uploaded_at=paper.at,
        document_number=numbered.document_number,
    )
