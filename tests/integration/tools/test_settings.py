"""Settings from the environment, and secrets from files."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from runtime.errors import ConfigurationError
from runtime.secret_files import UnreadableSecret
from runtime.settings import Settings, load_settings
from runtime.startup_checks import check_file
from runtime.transport import Transport

URL = "postgresql+psycopg://zaoying@db:5432/zaoying?sslmode=verify-full"


def settings(password: Path, url: str = URL) -> Settings:
    return Settings(database_url=url, database_password_file=password)


@pytest.mark.parametrize("password", ["plain", "p@ss/w:rd#?%20 ü枣", " "])
def test_a_password_of_any_signs_comes_from_its_file(tmp_path: Path, password: str) -> None:
    file = tmp_path / "password"
    file.write_text(f"{password}\n", encoding="utf-8")
    if not password.strip():
        with pytest.raises(UnreadableSecret, match="空的"):
            _ = settings(file).records_url
        return
    url = make_url(settings(file).records_url)
    assert (url.username, url.password, url.host, url.database) == ("zaoying", password, "db", "zaoying")
    assert url.query == {"sslmode": "verify-full"}


def test_a_missing_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSecret, match="missing"):
        _ = settings(tmp_path / "missing").records_url


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://zaoying:secret@db/zaoying", "postgresql+psycopg://db/zaoying"]
)
def test_a_url_with_a_password_or_without_a_user_is_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "password").write_text("secret")
    with pytest.raises(UnreadableSecret, match="ZAOYING_DATABASE_URL"):
        _ = settings(tmp_path / "password", url).records_url


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JWKS_CA_FILE", "METRICS_PORT", "JWT_ROLES", "JWT_NAME_CLAIM", "SEAL_TRUST"):
        monkeypatch.setenv(f"ZAOYING_{name}", "")
    found, usual = Settings(), Settings.model_construct()
    assert (found.jwks_ca_file, found.metrics_port, found.jwt_roles) == (None, 0, {})
    assert found.jwt_name_claim == usual.jwt_name_claim == "name"


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = Settings(home=tmp_path, jwt_roles={"zy-head": "head"}, production=True, connections=50)
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == given


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("API_PORT", "abc", "ZAOYING_API_PORT"),
        ("JWT_ROLES", "{half", "ZAOYING_JWT_ROLES：应为 JSON"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "ZAOYING_TRUSTED_PROXIES：proxy 不是地址或网段"),
        ("SCANNER", "clamav", "ZAOYING_SCANNER：clamav 不是 主机:端口"),
        ("SCANNER", "clamav:99999", "ZAOYING_SCANNER"),
        ("CONNECTIONS", "1", "ZAOYING_CONNECTIONS"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ZAOYING_{name}", value)
    load_settings.cache_clear()
    with pytest.raises(ConfigurationError, match=said):
        load_settings()


def test_a_scanner_and_proxies_that_can_be_used_are_taken() -> None:
    for server in ("", "clamav:3310", "10.0.0.7:3310", "[fd00::7]:3310"):
        assert Settings(scanner=server).scanner == server
    assert Settings(trusted_proxies="10.0.0.0/8, 192.0.2.7,fd00::/8").trusted_proxies


def test_a_certificate_that_is_none_and_a_file_that_is_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ConfigurationError, match="不是 PEM"):
        _ = Transport(ca_file=tmp_path / "ca.pem").tls_config
    check_file("ZAOYING_CONTACTS_FILE", None)
    with pytest.raises(ConfigurationError, match=r"ZAOYING_CONTACTS_FILE .*contacts\.toml"):
        check_file("ZAOYING_CONTACTS_FILE", tmp_path / "contacts.toml")
