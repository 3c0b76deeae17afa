"""Whether a PDF can show a signature that somebody wrote, or a seal that somebody pressed."""

import re
from typing import Final

_PICTURE: Final = re.compile(rb"/Subtype\s*/Image(?![A-Za-z0-9])")


def holds_a_picture(pdf: bytes) -> bool:
    """Whether there is a picture in it, as every scanner writes it: what is typed or drawn nobody has signed."""
    return _PICTURE.search(pdf) is not None
