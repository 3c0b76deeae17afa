"""Settings from the environment, and secrets from files."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from runtime.settings import Settings, UnreadableSecret

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
