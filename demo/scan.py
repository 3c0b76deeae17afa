"""A scan of a signed and sealed paper: a PDF of one page."""

from hashlib import sha256
from typing import Final

_SIDE: Final = 16
"""Lines of the picture, each of 256 dots."""


def scan_of(paper: bytes) -> bytes:
    """A page that says which paper it shows, and a picture on it."""
    digest = sha256(paper)
    told = f"BT /F1 12 Tf 72 760 Td (Scan, signed and sealed: {digest.hexdigest()[:16]}) Tj ET"
    page = f"{told} q 128 0 0 128 72 560 cm /I1 Do Q".encode()
    dots = digest.digest() * _SIDE
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /XObject /Subtype /Image /Width 256 /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1 "
        b"/Length %d >>\nstream\n%s\nendstream" % (_SIDE, len(dots), dots),
    )
    file, rows = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        rows += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n" % size + rows + trailer
