"""Every setting, with its default and what it is for.

Its variable is its name in capitals after `ZAOYING_`. The defaults are those of the local stack.
"""

from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.setting_types import Networks, Server


class SettingFields(BaseSettings):
    """Settings of all programs. Durations are seconds."""

    model_config = SettingsConfigDict(env_prefix="ZAOYING_", env_ignore_empty=True, frozen=True)

    production: bool = False
    """Refuse to start with a default that is only for trying out, such as tokens of our own key."""

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
    temporal_tls: bool = False
    """Talk to the Temporal frontend by TLS; so it is as well where one of the files that follow is set."""
    temporal_ca_file: Path | None = None
    """Certificates (PEM) that the frontend's is checked against. None: those of this machine."""
    temporal_cert_file: Path | None = None
    temporal_key_file: Path | None = None
    """This program's own certificate and key (PEM), for mutual TLS."""
    temporal_server_name: str = ""
    """The name in the frontend's certificate, where it is not the address's."""
    temporal_api_key_file: Path | None = None
    """Holds the API key that the frontend asks for; needs TLS."""
    payload_keys_file: Path | None = None
    """Holds the keys that payloads are encrypted with; the same for all programs. None: `payload-keys.toml` under `home`,
    made on the first start where the Temporal server is on this machine."""
    temporal_ui_url: str = ""
    """Where people open the Temporal UI; only its pages may ask the codec server. Empty: the embedded one."""
    task_queue: str = "claims"
    virtual_time: bool = False
    """Claims' clocks can be moved; for demo, rehearsal and tests only."""

    database_url: str = ""
    """SQLAlchemy URL of the records; empty: SQLite under `home`."""
    database_password_file: Path | None = None
    """Holds the password for `database_url`, which then has none."""

    action_timeout: float = 3.0
    """How long a request waits for a claim's answer before it is answered 202."""
    body_limit: int = 1024 * 1024
    """Bytes of a request's body."""
    connections: int = Field(default=1000, ge=10)
    """Connections that an API keeps open; beyond them it answers 503."""
    address_connections: int = Field(default=200, ge=1)
    """Connections, and requests at one time, that one address may have; beyond them it is answered 429. Trusted proxies may have
    more connections."""
    actor_requests: int = Field(default=6000, ge=1)
    """Requests that one person may make in a minute, over all APIs."""
    claim_requests: int = Field(default=1200, ge=1)
    """Acts that may be sent to one claim in a minute, over all APIs."""
    enterprise_claims: int = Field(default=100, ge=1)
    """Claims that an enterprise may register itself on one day."""
    attachment_count: int = Field(default=100, ge=1)
    """Files that one unit or one enterprise may upload to a claim or measure."""
    attachments_dir: Path | None = None
    """Holds what attachments contain; one folder for all workers and APIs. None: under `home`."""
    attachment_limit: int = 20 * 1024 * 1024
    """Bytes of an uploaded file."""
    seal_trust: Path | None = None
    """Certificates (PEM) of the authorities whose electronic seals count: a file or a folder. None: electronic seals count for
    nothing, only scans do."""
    scanner: Server = ""
    """host:port of ClamAV's clamd, which scans every uploaded file; empty: none does."""

    archive_url: str = ""
    """Where the histories of what has closed are kept for good: a folder, or an address that fsspec knows, such as
    `s3://bucket/archive`. Empty: `archive` under `home`."""

    contacts_file: Path | None = None
    """Which channels the units' recipients have; holds secrets. None: `contacts.toml` under `home`."""
    public_url: str = ""
    """The platform's public URL, as notices give it. Empty: this machine's own address."""

    trusted_proxies: Networks = ""
    """Addresses or networks of the reverse proxies whose `X-Forwarded-For` is believed, separated by commas; empty: none."""

    jwks_url: str = ""
    """Where the identity provider's keys are; empty: the embedded default's own key under `home`."""
    jwks_ca_file: Path | None = None
    """The authority of the provider's TLS certificate; None: those of the machine."""
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_name_claim: str = "name"
    jwt_roles_claim: str = "roles"
    jwt_unit_claim: str = "unit"
    """Names of the provider's claims, or paths such as `realm_access.roles`."""
    jwt_roles: dict[str, str] = {}
    """Our roles by the provider's names for them, as JSON; other roles are ignored. Empty: the names are ours."""

    oidc_client_id: str = ""
    """The pages' client at the identity provider `jwt_issuer`; empty: no sign-in there."""
    oidc_client_secret: str = ""
    oidc_client_secret_file: Path | None = None
    """Holds that secret, which the environment then does not."""
    oidc_scope: str = "openid profile"
    session_key: str = ""
    """Signs the pages' session cookies; the same for all APIs. Empty: derived from the home's own key, but not in
    production."""
    session_key_file: Path | None = None
    """Holds that key, which the environment then does not."""
    phone_key_file: Path | None = None
    """Holds what the accounts of enterprises that report by phone are known by; it stays for good. None: the session key."""
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
