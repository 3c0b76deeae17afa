"""Scans of signed pages, and drawings, small or blank pictures."""

import io
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from demo.scan import scan_of
from documents.uploads.media_types import MediaType
from documents.uploads.scanned_pages import page_problem

A4 = (1240, 1754)


@cache
def page(size: tuple[int, int] = A4, paper: str = "white") -> Image.Image:
    """Return a form with a seal, drawn by a program."""
    width, height = size
    form = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(form)
    for line in range(20):
        pen.text(
            (width // 10, (line + 2) * height // 30), "R44 1234567890 signed", "black", font_size=width // 40
        )
    pen.ellipse((width * 0.6, height * 0.7, width * 0.8, height * 0.7 + width * 0.2), outline="red", width=8)
    return form


def scanned(drawn: Image.Image, unevenness: float = 6) -> Image.Image:
    """Return the page as seen by a scanner or a camera."""
    grain = Image.effect_noise(drawn.size, unevenness).convert("RGB")
    return ImageChops.add(drawn.filter(ImageFilter.GaussianBlur(1)), grain, offset=-134)


def saved(image: Image.Image, format: str) -> bytes:
    file = io.BytesIO()
    image.save(file, format)
    return file.getvalue()


def problem(image: Image.Image, format: str) -> str:
    return page_problem(saved(image, format), MediaType[format])


@pytest.mark.rule("R15", "R17", "R44")
@pytest.mark.parametrize("format", ["PNG", "JPEG", "PDF"])
def test_a_scan_of_a_page_is_one(format: str) -> None:
    assert problem(scanned(page()), format) == ""


@pytest.mark.rule("R44")
def test_a_photograph_with_the_table_around_it_a_fax_and_a_small_scan_are_scans_too() -> None:
    photograph = scanned(page((1500, 2000), "#d0c8b0"), 12).rotate(2, fillcolor="#806040")
    assert problem(photograph, "JPEG") == ""
    assert problem(scanned(page((620, 877))), "JPEG") == ""
    assert problem(page((1654, 2339)).convert("1"), "PDF") == ""
    assert page_problem(scan_of(b"paper"), MediaType.PDF) == ""


@pytest.mark.rule("R44")
def test_a_page_with_nothing_but_a_signature_is_not_blank() -> None:
    signed = Image.new("RGB", A4, "#f4f4f2")
    strokes = [(700 + 6 * n, 1500 + 29 * n % 60) for n in range(40)]
    ImageDraw.Draw(signed).line(strokes, fill="#202060", width=4)
    assert problem(scanned(signed), "JPEG") == ""


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    ("draw", "format", "says"),
    [
        (lambda: page(), "PNG", "画出来的"),
        (lambda: page().convert("1"), "PNG", "画出来的"),
        (lambda: page().quantize(4), "PNG", "画出来的"),
        (lambda: scanned(page((300, 420))), "PNG", "太小"),
        (lambda: scanned(page((300, 420))), "PDF", "太小"),
        (lambda: page((700, 990)).convert("1"), "PDF", "太小"),
        (lambda: scanned(page((1800, 500))), "JPEG", "不小于"),
        (lambda: scanned(page((2400, 900))), "JPEG", "不是一整页"),
        (lambda: Image.new("RGB", A4, "red"), "PNG", "空白"),
        (lambda: scanned(Image.new("RGB", A4, "#f8f8f8"), 3), "JPEG", "空白"),
        (lambda: Image.linear_gradient("L").resize(A4), "PNG", "空白"),
        (lambda: Image.new("RGBA", A4, (0, 0, 0, 0)), "PNG", "空白"),
        (lambda: Image.new("1", (1654, 2339), 1), "PDF", "空白"),
        (lambda: Image.new("L", (7000, 6000), 200), "PNG", "过大"),
    ],
)
def test_what_is_no_scan_of_a_page_says_why(draw: Callable[[], Image.Image], format: str, says: str) -> None:
    assert says in problem(draw(), format)


@pytest.mark.rule("R44")
def test_a_typed_page_has_no_picture() -> None:
    typed = scan_of(b"paper").replace(b"/Subtype /Image", b"/Subtype /Form ")
    assert "没有扫描的图像" in page_problem(typed, MediaType.PDF)


@pytest.mark.rule("R44")
def test_a_page_that_a_scanner_wrote_in_strips_is_one() -> None:
    strip = saved(scanned(page((1240, 1754)).crop((0, 300, 1240, 500))), "JPEG")
    one = b"1 0 obj << /Subtype /Image /Width 1240 /Height 200 /Filter /DCTDecode >>\nstream\n" + strip
    strips = b"%PDF-1.4\n" + (one + b"\nendstream\nendobj\n") * 9
    assert page_problem(strips, MediaType.PDF) == ""


@pytest.mark.rule("R44")
def test_a_damaged_picture_is_none() -> None:
    whole = saved(scanned(page()), "PNG")
    assert "损坏" in page_problem(whole[: len(whole) // 2], MediaType.PNG)
