"""A typed Python client, generated from the API's OpenAPI document: `make client` writes it to `build/`.

Modules are named after the addresses, functions after the operations: `zaoying_client.api.claims.register_claim`.
"""

import argparse
import json
import re
import tempfile
from pathlib import Path
from typing import Final, cast

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from pydantic import JsonValue

from api.postman_collection import METHODS, Tree, document_of_the_api

PACKAGE: Final = "zaoying_client"
BYTES: Final = "application/octet-stream"
_NUMBER_AND_WORD: Final = re.compile(r"(!= \d+)(and\b)")
"""The generator writes no space after a number, and Python warns of that."""


def generate_client(document: Tree, folder: Path) -> list[str]:
    """Write a package for pip to the folder. Returns what the generator could not express."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "openapi.json"
        source.write_text(json.dumps(_in_english(document)), encoding="utf-8")
        options = ConfigFile(
            project_name_override=PACKAGE.replace("_", "-"),
            package_name_override=PACKAGE,
            content_type_overrides={"application/zip": BYTES},
            post_hooks=[],
            literal_enums=True,  # "12345" is no valid name
        )
        config = Config.from_sources(
            options, MetaType.SETUP, source, file_encoding="utf-8", overwrite=True, output_path=folder
        )
        missing = [f"{error.header} {error.detail}" for error in generate(config=config)]
    for module in folder.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        module.write_text(_NUMBER_AND_WORD.sub(r"\1 \2", text), encoding="utf-8")
    return missing


def _in_english(document: Tree) -> Tree:
    """Return the document with its operations under the first part of their addresses: people import modules
    by it.
    """
    paths = {
        path: {
            name: {**operation, "tags": [path.split("/")[1]]}
            if name in METHODS and isinstance(operation, dict)
            else operation
            for name, operation in cast("Tree", methods).items()
        }
        for path, methods in cast("Tree", document["paths"]).items()
    }
    return {**document, "paths": cast("JsonValue", paths)}


def main() -> None:
    """Write the client."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    if missing := generate_client(document_of_the_api(), folder):
        raise SystemExit("\n".join(missing))


if __name__ == "__main__":
    main()
