"""Whether a PDF can show a signature that somebody wrote, or a seal that somebody pressed."""

import re
from typing import Final

_PICTURE: Final = re.compile(rb"/Subtype\s*/Image(?![A-Za-z0-9])")


def holds_a_picture(pdf: bytes) -> bool:
    """Whether it contains an image, as every scan does: typed or drawn pages are not signed by anybody."""
    return _PICTURE.search(pdf) is not None
