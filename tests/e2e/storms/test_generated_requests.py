"""Requests generated from the API's documentation, valid and invalid, by every role: no server errors, no
undocumented responses.

`make fuzz` generates thirty times as many.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from claims.model.terms import Role
from runtime.local_stack import LocalStack
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.api.api_caller import ORDER
from tests.support.claims.people import ENTERPRISE, POWER
from tests.support.hypothesis_profile import EFFORT

Operation = APIOperation[Any, Any, Any, Any]

EXAMPLES: Final = 3
"""Number of valid and of invalid requests for each operation."""
CALLERS: Final = {
    role: {Role.HANDLER: POWER, Role.HEAD: POWER, Role.ARBITER: "BB"}.get(role, "")
    for role in Role
    if role is not Role.CONSOLE
}
AWAY: Final = 503
"""A busy system may ask for a retry; that is documented."""


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


@pytest.fixture(scope="module")
def tokens(city: LocalStack) -> dict[Role, str]:
    key = load_or_make_key(city.settings.token_key)
    names = {Role.ENTERPRISE: ENTERPRISE.name}
    return {
        role: issue_token(key, roles=[role], unit=unit, name=names.get(role, ""))
        for role, unit in CALLERS.items()
    }


@pytest.fixture(scope="module")
def numbers(city: LocalStack, tokens: dict[Role, str]) -> list[str]:
    """Existing claims."""
    made = []
    for n in range(3):
        order = {**ORDER, "external_id": f"GENERATED-{n}"}
        headers = {"Authorization": f"Bearer {tokens[Role.OPERATOR]}"}
        answer = httpx.post(
            f"{city.api_url}/claims", json=order, headers=headers, timeout=30, trust_env=False
        )
        made.append(answer.json()["number"])
    return made


def aimed(case: Case[Any], numbers: list[str], choose: Callable[[list[str]], str]) -> None:
    """Let most requests refer to existing things."""
    known = {"number": [*numbers, "QH202601010001"], "unit_id": [POWER, "ZZ-NONE"]}
    for name, values in known.items():
        if name in case.path_parameters:
            case.path_parameters[name] = choose(values)


def test_every_operation_answers_every_role_as_its_documentation_says(
    city: LocalStack, tokens: dict[Role, str], numbers: list[str]
) -> None:
    document = httpx.get(f"{city.api_url}/openapi.json", trust_env=False, timeout=30).json()
    wrong: dict[str, str] = {}
    asked: Counter[tuple[Role, int]] = Counter()
    for operation in operations(document):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try_out(operation, mode, city, tokens, numbers, asked, wrong)
    assert not wrong, "\n\n".join(f"{name}: {text}" for name, text in wrong.items())
    assert {role for role, _ in asked} == CALLERS.keys()
    assert {200, 201, 401, 403, 404, 409, 422} - {401} <= {status for _, status in asked}, asked


def try_out(
    operation: Operation,
    mode: GenerationMode,
    city: LocalStack,
    tokens: dict[Role, str],
    numbers: list[str],
    asked: Counter[tuple[Role, int]],
    wrong: dict[str, str],
) -> None:
    """Send some requests to one operation; note each problem once per operation and status."""

    @settings(
        max_examples=EXAMPLES * EFFORT,
        derandomize=EFFORT == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        role = data.draw(st.sampled_from(list(tokens)))
        aimed(case, numbers, lambda values: data.draw(st.sampled_from(values)))
        answer = case.call(base_url=city.api_url, headers={"Authorization": f"Bearer {tokens[role]}"})
        asked[role, answer.status_code] += 1
        checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
        if answer.status_code != AWAY:
            checks.append(not_a_server_error)
        try:
            case.validate_response(answer, checks=checks)
        except* Failure as failure:
            wrong.setdefault(
                f"{operation.label} {answer.status_code}", f"{role}: {failure!r} {answer.text[:500]}"
            )

    with suppress(Unsatisfiable):  # some operations cannot be called wrongly
        ask()
