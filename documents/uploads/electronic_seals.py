"""Checks electronic seals: signatures in a PDF by authorities that the city trusts (《电子印章管理办法》).

Works offline, so it does not notice certificates that were revoked later.
"""

import io
from collections.abc import Sequence
from typing import Final

from asn1crypto.x509 import Certificate
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

_NONE: Final = "文件里没有可以核验的电子印章"
_UNREADABLE: Final = "PDF 无法解析，电子印章不能核验"
_UNKNOWN_ALGORITHM: Final = (
    "电子印章使用本系统不能核验的算法（如国密 SM2）：请改交加盖公章的扫描件，或 RSA、ECDSA 的电子印章"
)


def is_sealed(content: bytes) -> bool:
    """Return whether a PDF seems to have an electronic seal, valid or not."""
    return b"/ByteRange" in content


def seal_problem(content: bytes, trusted: Sequence[Certificate]) -> str:
    """Return what is wrong with the electronic seals of a PDF, in Chinese; empty if all are valid or there
    are none.
    """
    if not is_sealed(content):
        return ""
    try:
        signatures = PdfFileReader(io.BytesIO(content), strict=False).embedded_regular_signatures
        if not signatures:
            return _NONE
        return next(filter(None, (_problem(one, trusted) for one in signatures)), "")
    except (UnsupportedAlgorithm, NotImplementedError):
        return _UNKNOWN_ALGORITHM
    except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, RecursionError):
        return _UNREADABLE


def _problem(signature: EmbeddedPdfSignature, trusted: Sequence[Certificate]) -> str:
    context = ValidationContext(trust_roots=list(trusted), allow_fetching=False)
    status = validate_pdf_signature(signature, signer_validation_context=context)
    if not (status.intact and status.valid):
        return "电子印章无效：盖章后文件被改动过，或印章数据已损坏"
    if not status.trusted:
        return "电子印章的证书不在信任清单之内，或已过期"
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return "电子印章没有覆盖整个文件：盖章后文件又有增改"
    return ""
