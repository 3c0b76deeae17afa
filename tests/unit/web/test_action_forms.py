"""Every action has a form, and every form has the fields of its action."""

import pytest

from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Action, Role, Stage
from claims.model.values import Actor
from tests.support.claims.people import COORDINATOR, ENTERPRISE, HANDLER, HEAD, SUPERVISOR
from web.claims.action_forms import FORMS, fields_of
from web.http.forms import nested
from web.sign_in.pages import local_path


@pytest.mark.parametrize("action", Action)
def test_a_form_asks_for_what_its_action_takes(action: Action) -> None:
    field_names = {field.name.partition(".")[0] for field in FORMS[action]}
    assert field_names == set(BODIES[action].model_fields) - {"request_id"}


def test_a_head_signs_by_acting_and_a_handler_by_a_scan() -> None:
    def field_names(actor: object) -> set[str]:
        return {field.name for field in fields_of(Action.REJECT, actor)}  # type: ignore[arg-type]

    assert field_names(HANDLER) - field_names(HEAD) == {"signature.head", "signature.paper"}


@pytest.mark.rule("R40")
def test_an_enterprise_is_not_asked_whether_it_was_reached() -> None:
    assert Role.ENTERPRISE in ENTERPRISE.roles
    assert "reached" not in {field.name for field in fields_of(Action.CALL_BACK, ENTERPRISE)}


@pytest.mark.rule("R18", "R45")
@pytest.mark.parametrize(
    ("stage", "actor", "orders"),
    [
        (Stage.CALL_BACK, SUPERVISOR, False),
        (Stage.VERIFICATION, SUPERVISOR, True),
        (Stage.LEADERSHIP, COORDINATOR, False),
    ],
)
def test_only_a_verification_asks_for_the_days_of_an_order(
    stage: Stage, actor: Actor, *, orders: bool
) -> None:
    fields = {field.name: field for field in fields_of(Action.VERIFY, actor, stage)}
    assert ("order_days" in fields) is orders
    assert ("工单就此办结" in fields["opinion"].hint) is (stage is Stage.LEADERSHIP)


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
