"""What a file would do when somebody opens it: scripts, programs, macros, things fetched from elsewhere."""

from typing import BinaryIO

from documents.uploads.active_pdf import action_in_pdf
from documents.uploads.active_word import action_in_word
from documents.uploads.media_types import MediaType


def active_content(file: BinaryIO, media_type: MediaType) -> str:
    """What a file would do, in Chinese; empty where it would do nothing. Leaves the file at its start."""
    file.seek(0)
    try:
        if media_type is MediaType.PDF:
            return action_in_pdf(file.read())
        if media_type is MediaType.DOCX:
            return action_in_word(file)
        return ""
    finally:
        file.seek(0)
