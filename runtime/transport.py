"""How programs connect to the Temporal frontend: without TLS, with TLS or mutual TLS, with an API key."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from claims.text.file_problems import os_problem
from runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from temporalio.service import TLSConfig


class Transport(NamedTuple):
    """Which files to use, as the settings name them."""

    tls: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str = ""
    api_key_file: Path | None = None

    @property
    def tls_config(self) -> "TLSConfig | bool":
        """For the client. Raises ConfigurationError."""
        if not (self.tls or self.ca_file or self.cert_file or self.key_file or self.server_name):
            return False
        if (self.cert_file is None) != (self.key_file is None):
            raise ConfigurationError("ZAOYING_TEMPORAL_CERT_FILE 与 ZAOYING_TEMPORAL_KEY_FILE 须同时设置")
        from temporalio.service import TLSConfig  # slow to import

        return TLSConfig(
            server_root_ca_cert=_pem(self.ca_file),
            client_cert=_pem(self.cert_file),
            client_private_key=_pem(self.key_file),
            domain=self.server_name or None,
        )

    @property
    def api_key(self) -> str | None:
        """For the client. Raises ConfigurationError."""
        key = _content(self.api_key_file)
        if key is None:
            return None
        if self.tls_config is False:
            raise ConfigurationError(
                "ZAOYING_TEMPORAL_API_KEY_FILE 须与 TLS 同用：请设置 ZAOYING_TEMPORAL_TLS=true"
            )
        return key.decode("ascii", "replace").strip()


PLAIN: Final = Transport()


def _pem(path: Path | None) -> bytes | None:
    content = _content(path)
    if content is not None and b"-----BEGIN " not in content:
        raise ConfigurationError(f"{path} 不是 PEM 格式的证书或密钥：请换成 PEM 文件后重新启动")
    return content


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"无法读取 {path}（{os_problem(error)}）：请核对设置和文件权限") from error
