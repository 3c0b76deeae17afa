"""Makes the scan of a signed and sealed paper: a PDF of one page."""

import zlib
from hashlib import sha256
from typing import Final

_WIDTH, _HEIGHT = 620, 877
"""Pixels of an A4 page at 75 dpi."""
_LINE, _WRITTEN = 36, 10
"""Rows between lines of writing, and the height of letters."""
_PAPER: Final = 236
_SHADES: Final = 18


def scan_of(paper: bytes) -> bytes:
    """Return a one-page PDF: the paper's name over a scanned picture."""
    digest = sha256(paper)
    shown = f"BT /F1 12 Tf 72 810 Td (Scan, signed and sealed: {digest.hexdigest()[:16]}) Tj ET"
    page = f"q 595 0 0 842 0 0 cm /I1 Do Q {shown}".encode()
    dots = zlib.compress(_scanned(digest.digest()))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (_WIDTH, _HEIGHT, len(dots), dots),
    )
    file, rows = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        rows += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n" % size + rows + trailer


def _scanned(seed: bytes) -> bytes:
    """Return grey pixels: uneven paper with lines of writing."""
    paper = bytes(_PAPER + seed[n % len(seed)] % _SHADES for n in range(_WIDTH))
    written = bytes(
        shade - 150 if seed[n // 8 % len(seed)] % 3 and _LINE < n < _WIDTH - _LINE else shade
        for n, shade in enumerate(paper)
    )
    return b"".join(written if y % _LINE < _WRITTEN and y > _LINE else paper for y in range(_HEIGHT))
