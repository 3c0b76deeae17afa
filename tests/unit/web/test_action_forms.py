"""Every action has a form, and every form has the fields of its action."""

import pytest

from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Action, Role
from tests.support.claims.people import ENTERPRISE, HANDLER, HEAD
from web.claims.action_forms import FORMS, fields_of
from web.http.forms import nested
from web.sign_in.pages import local_path


@pytest.mark.parametrize("action", Action)
def test_a_form_asks_for_what_its_action_takes(action: Action) -> None:
    asked = {field.name.partition(".")[0] for field in FORMS[action]}
    assert asked == set(BODIES[action].model_fields) - {"request_id"}


def test_a_head_signs_by_acting_and_a_handler_by_a_scan() -> None:
    def asked(actor: object) -> set[str]:
        return {field.name for field in fields_of(Action.REJECT, actor)}  # type: ignore[arg-type]

    assert asked(HANDLER) - asked(HEAD) == {"signature.head", "signature.paper"}


@pytest.mark.rule("R40")
def test_an_enterprise_is_not_asked_whether_it_was_reached() -> None:
    assert Role.ENTERPRISE in ENTERPRISE.roles
    assert "reached" not in {field.name for field in fields_of(Action.CALL_BACK, ENTERPRISE)}


def test_names_with_dots_are_nested_and_empty_values_left_out() -> None:
    assert nested({"reason": "改道", "signature.head": "李主任", "signature.paper": ""}) == {
        "reason": "改道",
        "signature": {"head": "李主任"},
    }


@pytest.mark.parametrize(
    ("given", "path"),
    [("/app/inbox?group=late", "/app/inbox?group=late"), ("//evil", ""), ("https://evil", ""), ("", "")],
)
def test_only_paths_of_this_site_are_followed(given: str, path: str) -> None:
    assert local_path(given) == path
