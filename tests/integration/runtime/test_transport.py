"""TLS, mutual TLS and API keys for the Temporal frontend."""

from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from runtime.connection import FrontendAddress, connect
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from runtime.transport import Transport
from tests.support.processes.tls_proxy import Authority, Credentials, tls_before
from tools.dev_server import DevServer


def test_without_settings_the_way_is_plain(tmp_path: Path) -> None:
    transport = Settings(home=tmp_path).transport
    assert (transport.tls_config, transport.api_key) == (False, None)


def test_files_make_mutual_tls(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(f"-----BEGIN {name}")
    (tmp_path / "api").write_text("secret\n")
    settings = Settings(
        home=tmp_path,
        temporal_ca_file=tmp_path / "ca",
        temporal_cert_file=tmp_path / "cert",
        temporal_key_file=tmp_path / "key",
        temporal_server_name="temporal",
        temporal_api_key_file=tmp_path / "api",
    )
    assert settings.transport.tls_config == TLSConfig(
        server_root_ca_cert=b"-----BEGIN ca",
        client_cert=b"-----BEGIN cert",
        client_private_key=b"-----BEGIN key",
        domain="temporal",
    )
    assert settings.transport.api_key == "secret"


@pytest.mark.parametrize(
    ("transport", "said"),
    [
        (Transport(cert_file=Path("cert")), "须同时设置"),
        (Transport(api_key_file=Path(__file__)), "须与 TLS 同用"),
        (Transport(ca_file=Path("no-such-file")), "无法读取 no-such-file"),
    ],
)
async def test_what_cannot_work_names_cause_and_cure(transport: Transport, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        await connect(FrontendAddress("127.0.0.1:1", transport=transport), lazy=True)


async def test_a_client_with_a_certificate_is_let_in_and_others_are_not(
    server: DevServer, tmp_path: Path
) -> None:
    authority, strangers = Authority(tmp_path / "ours"), Authority(tmp_path / "strangers")
    own, foreign = authority.issue("worker"), strangers.issue("worker")
    async with tls_before(server.target, authority) as target:

        async def is_let_in(credentials: Credentials | None) -> bool:
            transport = Transport(
                ca_file=authority.certificate,
                cert_file=credentials.certificate if credentials else None,
                key_file=credentials.key if credentials else None,
            )
            try:
                client = await connect(FrontendAddress(target, transport=transport))
            except RuntimeError:
                return False
            return await client.service_client.check_health()

        assert await is_let_in(own)
        assert not await is_let_in(foreign)
        assert not await is_let_in(None)
        with pytest.raises(RuntimeError):
            await connect(FrontendAddress(target))
