"""Reads the authorities whose electronic seals are trusted, as certificates in files (《电子印章管理办法》)."""

from collections.abc import Iterable
from pathlib import Path

from asn1crypto import pem
from asn1crypto.x509 import Certificate


class BadTrustList(ValueError):
    """The file or folder of trusted authorities contains no certificate. The message names it."""


def read_trust_list(place: Path) -> list[Certificate]:
    """Return the certificates in a PEM file, or in all files of a folder. Raises BadTrustList."""
    try:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        found = [one for file in files if file.is_file() for one in _certificates(file.read_bytes())]
    except (OSError, ValueError) as error:
        raise BadTrustList(f"电子印章信任清单 {place} 无法读取：请放入 PEM 格式的根证书") from error
    if not found:
        raise BadTrustList(f"电子印章信任清单 {place} 中没有证书：请放入 PEM 格式的根证书")
    return found


def _certificates(data: bytes) -> Iterable[Certificate]:
    for kind, _, content in pem.unarmor(data, multiple=True):
        if kind == "CERTIFICATE":
            yield Certificate.load(content)
