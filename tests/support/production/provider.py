"""An identity provider: sign-in and keys over https, its own certificate authority, and tokens."""

import json
import ssl
import threading
from collections.abc import Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from claims.model.terms import Role
from service_layer.clock import now

HOST: Final = "id.example"
ISSUER: Final = f"https://{HOST}"
AUDIENCE: Final = "zaoying"
PORT: Final = 443
UI_CLIENT: Final = "temporal-ui"
_CONFIGURATION: Final = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "response_types_supported": ["code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
}


class Provider:
    """Serves its keys at `ISSUER:PORT/keys` after `start`."""

    def __init__(self, folder: Path) -> None:
        """Write its certificate, which is its own authority, to `ca.pem` in the folder."""
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate, self._certificate_key = folder / "ca.pem", folder.parent / "provider.key"
        _write_certificate(self._certificate, self._certificate_key)

    def start(self) -> None:
        """Serve until the process ends."""
        jwk = {**RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "kid": "1"}
        pages: Mapping[str, Mapping[str, object]] = {
            "/keys": {"keys": [jwk]},
            "/.well-known/openid-configuration": _CONFIGURATION,
        }
        signed_in = self._signed_in

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(pages.get(self.path, {}))

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._answer(signed_in(form["code"][0]))

            def _answer(self, content: Mapping[str, object]) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", PORT), Page)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self._certificate, self._certificate_key)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _signed_in(self, code: str) -> Mapping[str, object]:
        """Return the tokens of a signed-in administrator; the code is the sign-in's nonce."""
        own = self.token(Role.ADMIN, aud=UI_CLIENT, nonce=code)
        return {"access_token": self.token(Role.ADMIN), "token_type": "Bearer", "id_token": own}

    def token(self, role: Role, unit: str | None = None, **claims: object) -> str:
        """Return a token for this role."""
        said: dict[str, object] = {
            "sub": f"{role.value}@{unit or ''}",
            "name": f"演示{role.value}",
            "roles": [role.value],
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now(),
            "exp": now() + timedelta(hours=1),
            **claims,
        }
        if unit:
            said["unit"] = unit
        return jwt.encode(said, self._key, algorithm="RS256", headers={"kid": "1"})


def _write_certificate(certificate: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
