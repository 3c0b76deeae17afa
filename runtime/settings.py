"""Settings, the only reader of the environment.

Every variable begins with `ZAOYING_`. The defaults are those of the local stack.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from temporalio.converter import DataConverter


class Settings(BaseSettings):
    """Settings of all programs. Durations are seconds."""

    model_config = SettingsConfigDict(env_prefix="ZAOYING_", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("zaoying"))
    """Holds all files of the local stack."""
    cache: Path = Field(default_factory=lambda: user_cache_path("zaoying"))
    """Holds the Temporal CLI after its download or build."""
    temporal_cli: Path | None = None

    host: str = "127.0.0.1"
    """Address that the API and the worker's metrics listen on."""
    api_port: int = 8080
    temporal_port: int = 7233
    ui_port: int = 8233
    temporal_address: str = ""
    namespace: str = "default"
    task_queue: str = "claims"
    virtual_time: bool = False
    """Claims' clocks can be moved; for demo, rehearsal and tests only."""

    database_url: str = ""
    """SQLAlchemy URL of the records; empty: SQLite under `home`."""

    action_timeout: float = 3.0
    """How long a request waits for a claim's answer before it is told 202."""
    body_limit: int = 1024 * 1024
    """Bytes of a request's body."""
    attachments_dir: Path | None = None
    """Holds what attachments contain; one folder for all workers and APIs. None: under `home`."""
    attachment_limit: int = 20 * 1024 * 1024
    """Bytes of an uploaded file."""

    archive_url: str = ""
    """Where the histories of what has closed are kept for good: a folder, or an address that fsspec knows, such as
    `s3://bucket/archive`. Empty: `archive` under `home`."""

    contacts_file: Path | None = None
    """Which channels the units' recipients have; holds secrets. None: `contacts.toml` under `home`."""
    public_url: str = ""
    """The platform's public URL, as notices give it. Empty: this machine's own address."""

    jwks_url: str = ""
    """Where the identity provider's keys are; empty: the embedded default's own key under `home`."""
    jwt_issuer: str = ""
    jwt_audience: str = ""

    oidc_client_id: str = ""
    """The pages' client at the identity provider `jwt_issuer`; empty: no sign-in there."""
    oidc_client_secret: str = ""
    oidc_scope: str = "openid profile"
    session_key: str = ""
    """Signs the pages' session cookies; the same for all APIs. Empty: derived from the home's own key."""
    session_idle: int = Field(default=30 * 60, ge=1)
    """A session that nobody uses ends after so many seconds."""
    session_lifetime: int = Field(default=10 * 60 * 60, ge=1)
    """Every session ends after so many seconds."""

    worker_build: str = ""
    """Which build this worker is, where builds are released one after the other: it waits for `zaoying promote`.
    Empty: workers take any claim, and all must run the same code."""
    workflow_slots: int = Field(default=16, ge=5)
    """Workflow tasks that a worker works on at one time, at most; fewer while its machine is short of memory. They share
    one interpreter: with many at a time each takes so long that the worker takes it for a deadlock."""
    worker_memory: float = Field(default=0.8, gt=0, le=1)
    """The part of the machine's memory from which on a worker takes no more workflow tasks than a few."""
    pollers: int = Field(default=20, ge=2)
    """Polls that a worker keeps open for each kind of task, at most; the server says when more or fewer help."""
    metrics_port: int = 0
    """The worker's Prometheus port; 0: none."""
    log_level: str = "INFO"

    @property
    def temporal(self) -> str:
        """host:port of the Temporal frontend."""
        return self.temporal_address or f"127.0.0.1:{self.temporal_port}"

    @property
    def data_converter(self) -> "DataConverter":
        """The data converter of all programs with these settings; a payload codec goes in here."""
        from runtime.data_converter import make_data_converter  # slow to import: most commands need none

        return make_data_converter()

    @property
    def metrics_address(self) -> str:
        """host:port of the worker's metrics; empty: none."""
        return f"{self.host}:{self.metrics_port}" if self.metrics_port else ""

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL of the records."""
        return self.database_url or f"sqlite:///{self.home / 'records.db'}"

    @property
    def attachments(self) -> Path:
        """The folder of what attachments contain."""
        return self.attachments_dir or self.home / "attachments"

    @property
    def archive(self) -> str:
        """The archive's address."""
        return self.archive_url or str(self.home / "archive")

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
            f"ZAOYING_{name.upper()}": str(value)
            for name, value in self.model_dump().items()
            if value is not None and value != ""
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZAOYING_")}
        return inherited | own


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Load the settings of this process, once."""
    return Settings()
