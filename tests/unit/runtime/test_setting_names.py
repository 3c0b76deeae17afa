"""Variables of the environment that look like settings and are none."""

import pytest

from runtime.setting_types import mistyped_settings

FIELDS = ("jwks_url", "jwt_issuer", "scanner", "home")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ZAOYING_JWKS_UR", "没有名为 ZAOYING_JWKS_UR 的设置，是否想填 ZAOYING_JWKS_URL？"),
        ("zaoying_scaner", "没有名为 ZAOYING_SCANER 的设置，是否想填 ZAOYING_SCANNER？"),
    ],
)
def test_a_mistyped_setting_is_named_with_the_right_one(name: str, said: str) -> None:
    assert said in mistyped_settings({name: "x", "ZAOYING_HOME": "/x"}, FIELDS)


def test_a_setting_that_is_given_already_is_not_proposed() -> None:
    assert mistyped_settings({"ZAOYING_JWKS_URL": "https://x", "ZAOYING_JWKS_UR": "https://y"}, FIELDS) == ""


@pytest.mark.parametrize(
    "name", ["ZAOYING_HOME", "zaoying_home", "ZAOYING_SECRETS_DIR", "HOME", "XZAOYING_HOM", "ZAOYING_BIN"]
)
def test_known_and_foreign_variables_are_taken(name: str) -> None:
    assert mistyped_settings({name: "x"}, FIELDS) == ""


def test_an_empty_variable_is_none() -> None:
    assert mistyped_settings({"ZAOYING_JWKS_UR": ""}, FIELDS) == ""
