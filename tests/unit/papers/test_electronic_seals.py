"""Electronic seals: real signatures in PDFs, by trusted and untrusted authorities."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
)

from documents.uploads.electronic_seals import seal_problem
from documents.uploads.trust_list import BadTrustList, read_trust_list
from tests.support.api import upload_files
from tests.support.api.seal_authority import Authority


@pytest.fixture(scope="module")
def city() -> Authority:
    return Authority()


def test_a_seal_of_a_trusted_authority_is_valid(city: Authority) -> None:
    assert seal_problem(city.seal(), city.trusted) == ""


def test_a_seal_of_another_authority_is_not(city: Authority) -> None:
    assert "信任清单" in seal_problem(Authority().seal(), city.trusted)


def test_an_expired_seal_is_not() -> None:
    expired = Authority(days=-1)
    assert "已过期" in seal_problem(expired.seal(), expired.trusted)


def test_a_file_that_was_changed_under_the_seal_is_noticed(city: Authority) -> None:
    sealed = city.seal()
    at = sealed.index(b"/MediaBox")
    changed = sealed[:at] + sealed[at:].replace(b"0", b"1", 1)
    assert "电子印章" in seal_problem(changed, city.trusted)


def test_what_was_added_after_the_seal_is_noticed(city: Authority) -> None:
    sealed = city.seal()
    added = sealed + b"\n99 0 obj << /Added true >> endobj\n"
    start = int(sealed.rsplit(b"startxref", 1)[1].split()[0])
    added += b"xref\n0 0\ntrailer << /Root 1 0 R /Size 100 /Prev %d >>\n" % start
    added += b"startxref\n%d\n%%%%EOF\n" % (len(sealed) + len(b"\n99 0 obj << /Added true >> endobj\n"))
    assert seal_problem(added, city.trusted) != ""


def test_a_seal_by_sm2_is_refused_with_what_to_do_instead(city: Authority) -> None:
    said = seal_problem(city.seal_by_sm2(), city.trusted)
    assert "SM2" in said
    assert "请改交加盖公章的扫描件" in said


def test_a_scan_without_a_seal_has_none_to_check(city: Authority) -> None:
    assert seal_problem(upload_files.PDF, city.trusted) == ""


def test_a_seal_that_cannot_be_read_is_not_valid(city: Authority) -> None:
    assert seal_problem(b"%PDF-1.7 /ByteRange nonsense", city.trusted) != ""


def test_a_file_that_only_mentions_a_seal_has_none(city: Authority) -> None:
    mentioned = upload_files.PDF.replace(b"(Scan, sign", b"(/ByteRange")
    assert "没有可以核验" in seal_problem(mentioned, city.trusted)


def test_a_trust_list_is_a_file_or_a_folder(city: Authority, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(city.certificate.public_bytes(Encoding.PEM))
    for place in (tmp_path, tmp_path / "ca.pem"):
        assert [one.dump() for one in read_trust_list(place)] == [one.dump() for one in city.trusted]


def test_a_trust_list_without_certificates_is_named(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing.pem"):
        with pytest.raises(BadTrustList, match="PEM"):
            read_trust_list(place)
