"""An authority for electronic seals, and PDFs with its seals."""

import io
from datetime import UTC, datetime, timedelta

from asn1crypto import x509 as asn1
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from tests.support.api import upload_files

NOW = datetime.now(UTC)
_P256 = bytes.fromhex("06082a8648ce3d030107")
_SM2 = bytes.fromhex("06082a811ccf5501822d")
"""DER names of curves, of equal length."""


class Authority:
    """An authority and a seal issued by it."""

    def __init__(self, *, days: int = 7) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = self._certify("CA", self._key, ca=True, days=365)
        seal_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        seal = self._certify("枣庄供电公司", seal_key, ca=False, days=days)
        packed = pkcs12.serialize_key_and_certificates(
            b"seal", seal_key, seal, [self.certificate], BestAvailableEncryption(b"x")
        )
        self._signer = signers.SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=b"x")

    def _certify(
        self, name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, ca: bool, days: int
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=True,
            key_cert_sign=ca,
            crl_sign=ca,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        )
        made = made.serial_number(x509.random_serial_number()).not_valid_before(NOW - timedelta(days=30))
        made = made.not_valid_after(NOW + timedelta(days=days)).add_extension(usage, critical=True)
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return made.sign(self._key, hashes.SHA256())

    def seal(self, pdf: bytes = upload_files.PDF) -> bytes:
        """Return the PDF with the seal."""
        metadata = signers.PdfSignatureMetadata(field_name="Seal")
        sealed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=self._signer)
        return bytes(sealed.getvalue())

    def seal_by_sm2(self, pdf: bytes = upload_files.PDF) -> bytes:
        """Return the PDF with a seal that names an SM2 key (GM/T 0003). No library here creates SM2 keys, so
        the numbers come from another curve and the signature is invalid.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._certify("枣庄供电公司", key, ca=False, days=7).public_bytes(Encoding.DER)
        certificate = asn1.Certificate.load(made.replace(_P256, _SM2))
        signer = signers.ExternalSigner(
            signing_cert=certificate,
            cert_registry=self._signer.cert_registry,
            signature_value=bytes(72),
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "1.2.156.10197.1.501"}),
        )
        metadata = signers.PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256")
        sealed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer)
        return bytes(sealed.getvalue())

    @property
    def trusted(self) -> list[asn1.Certificate]:
        return [asn1.Certificate.load(self.certificate.public_bytes(Encoding.DER))]
