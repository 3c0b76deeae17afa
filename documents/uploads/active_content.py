"""Detects active content in a file: scripts, programs, macros, remote resources."""

from typing import BinaryIO

from documents.uploads.active_pdf import action_in_pdf
from documents.uploads.active_word import action_in_word
from documents.uploads.media_types import MediaType


def active_content(file: BinaryIO, media_type: MediaType) -> str:
    """Return a description of the file's active content in Chinese; empty if there is none. Rewinds the file."""
    file.seek(0)
    try:
        if media_type is MediaType.PDF:
            return action_in_pdf(file.read())
        if media_type is MediaType.DOCX:
            return action_in_word(file)
        return ""
    finally:
        file.seek(0)
