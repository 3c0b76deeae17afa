"""The typed client: all modules import without warnings."""

import warnings
from pathlib import Path

from api.postman_collection import collection_of, document_of_the_api
from api.python_client import generate_client
from runtime.settings import Settings


def test_every_module_compiles_without_a_warning(tmp_path: Path) -> None:
    assert generate_client(document_of_the_api(), tmp_path / "client") == []
    modules = list((tmp_path / "client").rglob("*.py"))
    assert len(modules) > 100
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for module in modules:
            compile(module.read_text(encoding="utf-8"), str(module), "exec")


def test_the_postman_collection_asks_the_system_that_make_up_starts() -> None:
    variables = collection_of(document_of_the_api())["variable"]
    assert isinstance(variables, list)
    assert {"key": "base_url", "value": f"http://127.0.0.1:{Settings().api_port}"} in variables
