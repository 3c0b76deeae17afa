"""Settings, the only reader of the environment.

Every variable begins with `ZAOYING_`. The defaults are those of the local stack.
"""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_settings import SettingsError

from runtime.errors import ConfigurationError
from runtime.secret_files import read_secret, with_password
from runtime.setting_fields import SettingFields
from runtime.setting_types import mistyped_settings, wrong_settings
from runtime.transport import Transport

if TYPE_CHECKING:
    from temporalio.converter import DataConverter

    from records.database.clue_cipher import ClueCipher


class Settings(SettingFields):
    """Settings of all programs, and what follows from them."""

    @property
    def is_embedded(self) -> bool:
        """Whether people are those of the embedded default, for trying out: no identity provider is set."""
        return not self.jwks_url and not self.production

    @property
    def temporal(self) -> str:
        """host:port of the Temporal frontend."""
        return self.temporal_address or f"127.0.0.1:{self.temporal_port}"

    @property
    def data_converter(self) -> "DataConverter":
        """The data converter of all programs with these settings. Raises PayloadKeysError."""
        from runtime.data_converter import encrypting_converter  # slow to import: most commands need none

        return encrypting_converter(self.payload_keys, is_made=self._makes_payload_keys)

    @property
    def clue_cipher(self) -> "ClueCipher":
        """Encrypts what the records hold of clues. Raises PayloadKeysError."""
        from runtime.payloads.clue_keys import clue_cipher_of

        return clue_cipher_of(self.data_converter)

    @property
    def payload_keys(self) -> Path:
        """The file of the keys that payloads are encrypted with."""
        return self.payload_keys_file or self.home / "payload-keys.toml"

    @property
    def _makes_payload_keys(self) -> bool:
        """Keys that are made unasked must stay: not those of a container, whose home goes with it."""
        host = self.temporal.rpartition(":")[0]
        return self.payload_keys_file is None and host in ("127.0.0.1", "localhost", "[::1]")

    @property
    def temporal_ui_origins(self) -> tuple[str, ...]:
        """The origins of the Temporal UI's pages."""
        if self.temporal_ui_url:
            return ("/".join(self.temporal_ui_url.split("/", 3)[:3]),)
        return (f"http://127.0.0.1:{self.ui_port}", f"http://localhost:{self.ui_port}")

    @property
    def workflows_page(self) -> str:
        """The address of the list of workflows in the Temporal UI; below it stands each workflow's own page, by its id."""
        base = self.temporal_ui_url.rstrip("/") or f"http://127.0.0.1:{self.ui_port}"
        return f"{base}/namespaces/{self.namespace}/workflows"

    @property
    def codec_endpoint(self) -> str:
        """Where the Temporal UI finds the codec server."""
        return f"{self.public}/codec"

    @property
    def transport(self) -> Transport:
        """How to reach the Temporal frontend safely."""
        return Transport(
            tls=self.temporal_tls,
            ca_file=self.temporal_ca_file,
            cert_file=self.temporal_cert_file,
            key_file=self.temporal_key_file,
            server_name=self.temporal_server_name,
            api_key_file=self.temporal_api_key_file,
        )

    @property
    def metrics_address(self) -> str:
        """host:port of the worker's metrics; empty: none."""
        return f"{self.host}:{self.metrics_port}" if self.metrics_port else ""

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL of the records. Raises UnreadableSecret."""
        if not self.database_url:
            return f"sqlite:///{self.home / 'records.db'}"
        if self.database_password_file is None:
            return self.database_url
        return with_password(self.database_url, read_secret(self.database_password_file))

    @property
    def pages_client_secret(self) -> str:
        """The pages' secret at the identity provider; empty: none. Raises UnreadableSecret."""
        return (
            read_secret(self.oidc_client_secret_file)
            if self.oidc_client_secret_file
            else self.oidc_client_secret
        )

    @property
    def pages_key(self) -> str:
        """What signs cookies; empty: none is set. Raises UnreadableSecret."""
        return read_secret(self.session_key_file) if self.session_key_file else self.session_key

    @property
    def phone_key(self) -> str:
        """What accounts by phone are known by; empty: none is set. Raises UnreadableSecret."""
        return read_secret(self.phone_key_file) if self.phone_key_file else ""

    @property
    def attachments(self) -> Path:
        """The folder of what attachments contain."""
        return self.attachments_dir or self.home / "attachments"

    @property
    def archive(self) -> str:
        """The archive's address."""
        return self.archive_url or str(self.home / "archive")

    @property
    def written_folders(self) -> list[Path]:
        """The folders that workers write to."""
        found = [self.attachments]
        if "://" not in self.archive:
            found.append(Path(self.archive))
        return found if self.database_url else [self.home, *found]

    @property
    def contacts(self) -> Path:
        """The file of channels; it may be missing."""
        return self.contacts_file or self.home / "contacts.toml"

    @property
    def public(self) -> str:
        """Where people reach the platform, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.api_port}").rstrip("/")

    @property
    def token_key(self) -> Path:
        """The embedded default's own signing key; made on first start, never committed."""
        return self.home / "token.key"

    def environment(self) -> dict[str, str]:
        """The environment for a child process with these settings."""
        own = {
            f"ZAOYING_{name.upper()}": json.dumps(value) if isinstance(value, dict) else str(value)
            for name, value in self.model_dump().items()
            if value is not None and value not in ("", {})
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZAOYING_")}
        return inherited | own


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Load the settings of this process, once. Raises ConfigurationError."""
    if mistyped := mistyped_settings(os.environ, Settings.model_fields):
        raise ConfigurationError(mistyped)
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        raise ConfigurationError(wrong_settings(error)) from error
