"""Checks whether a file can be the scan or photograph of a signed or sealed page.

A page needs enough pixels, a page's proportions, marks, and more shades than a drawing. This does not prove
that the seal is genuine: a forged page, printed and scanned, passes.
"""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from documents.uploads.media_types import MediaType
from documents.uploads.pdf_pictures import PdfPicture, pictures_in

SHORTER_SIDE, LONGER_SIDE = 600, 800
"""Pixels. An A4 page at 75 dpi has 620 × 877."""
_BILEVEL_SIDE: Final = 1000
"""Minimum pixels of the shorter side of a black-and-white page."""
_MOST_DOTS: Final = 40_000_000
"""An A4 page at 600 dpi has 35 million pixels."""
_LONGEST: Final = 2.2
"""Maximum ratio of the sides: one page, or two side by side."""
_FEW_SHADES: Final = 3
_EVEN_PAGE, _EVEN_PAPER, _EVEN_INK = 0.985, 0.85, 0.8
"""A picture counts as drawn if this share of it has one of a few shades of grey, or this share of its paper
and of the inside of its lines. Real paper and ink have many shades.
"""
_INK: Final = 40
"""Minimum difference between ink and paper, of 255."""
_REDUCED: Final = 300
"""Pixels of the shorter side of the reduced picture in which marks are searched."""
_NEAR: Final = 12
_CONTRAST: Final = 24
"""Minimum difference between a mark and its surroundings, of 255."""
_MARKED: Final = 0.0005
"""Minimum share of a page that is marked; a single signature covers more."""
_DENSITY: Final = 0.0002
"""Minimum bytes per pixel of a compressed black-and-white page; an empty page has fewer."""

NO_PICTURE: Final = "文件里没有扫描的图像，也没有可以核验的电子印章；打字或画出来的不是签字盖章"
_TOO_SMALL: Final = f"图像太小，看不清字迹：整页须不小于{SHORTER_SIDE}×{LONGER_SIDE}像素（约每英寸75点）"
_NO_PAGE: Final = "图像过于狭长，不是一整页"
_TOO_LARGE: Final = "图像过大：请以每英寸300点扫描"
_BLANK: Final = "图像是空白的，没有字迹"
_DRAWING: Final = "图像只有几种颜色，是画出来的，不是纸面的扫描或照片"
_UNREADABLE: Final = "图像已损坏，无法打开"


def page_problem(content: bytes, media_type: MediaType) -> str:
    """Return why a file cannot be the scan of a page, in Chinese; empty if it can."""
    if media_type is MediaType.PDF:
        return _problem_of_pdf(content)
    try:
        with Image.open(io.BytesIO(content), formats=[media_type.name]) as image:
            return _problem_of_size(image.size) or _problem_of(image, is_lossless=media_type is MediaType.PNG)
    except (OSError, ValueError, SyntaxError):
        return _UNREADABLE


def _problem_of_pdf(content: bytes) -> str:
    """Return the problem of a PDF. One scanned page is enough. Scanners also store a page in strips, whose
    pixels are added up.
    """
    problem, dots = "", 0
    for picture in pictures_in(content):
        found = _problem_in_pdf(picture)
        if not found:
            return ""
        dots += picture.width * picture.height
        problem = found if found not in (_TOO_SMALL, _NO_PAGE) else problem or found
    if problem in (_TOO_SMALL, _NO_PAGE) and dots >= 2 * SHORTER_SIDE * LONGER_SIDE:
        return ""
    return problem or NO_PICTURE


def _problem_in_pdf(picture: PdfPicture) -> str:
    if problem := _problem_of_size((picture.width, picture.height)):
        return problem
    if picture.image is not None:
        try:
            return _problem_of(picture.image, is_lossless=picture.is_lossless)
        except (OSError, ValueError, SyntaxError):
            return _UNREADABLE
    if picture.is_bilevel and min(picture.width, picture.height) < _BILEVEL_SIDE:
        return _TOO_SMALL
    return _BLANK if picture.size < _DENSITY * picture.width * picture.height else ""


def _problem_of_size(size: tuple[int, int]) -> str:
    shorter, longer = sorted(size)
    if shorter < SHORTER_SIDE or longer < LONGER_SIDE:
        return _TOO_SMALL
    if shorter * longer > _MOST_DOTS:
        return _TOO_LARGE
    return _NO_PAGE if longer > _LONGEST * shorter else ""


def _problem_of(image: Image.Image, *, is_lossless: bool) -> str:
    image.draft("L", (SHORTER_SIDE, SHORTER_SIDE))  # JPEG only: decodes fewer pixels
    grey = _on_white(image).convert("L")
    if not _is_marked(grey):
        return _BLANK
    return _DRAWING if is_lossless and _is_drawn(grey) else ""


def _is_drawn(grey: Image.Image) -> bool:
    shades = grey.histogram()
    if _evenness(shades) > _EVEN_PAGE:
        return True
    paper = shades.index(max(shades))
    ink = grey.point([255 if abs(shade - paper) > _INK else 0 for shade in range(256)])
    inside = ink
    for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        inside = ImageChops.darker(inside, ImageChops.offset(ink, right, down))
    return shades[paper] > _EVEN_PAPER * sum(shades) and _evenness(grey.histogram(inside)) > _EVEN_INK


def _evenness(shades: Sequence[int]) -> float:
    """Return the share of pixels with one of the few most common shades."""
    return sum(sorted(shades, reverse=True)[:_FEW_SHADES]) / max(1, sum(shades))


def _on_white(image: Image.Image) -> Image.Image:
    """Return a picture with transparency on white paper."""
    if not image.has_transparency_data:
        return image
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)


def _is_marked(grey: Image.Image) -> bool:
    """Return whether the page has marks; gradual light and shadow do not count."""
    small = grey.reduce(max(1, min(grey.size) // _REDUCED))
    marks = ImageChops.difference(small, small.filter(ImageFilter.BoxBlur(_NEAR))).histogram()
    return sum(marks[_CONTRAST:]) >= _MARKED * small.width * small.height
