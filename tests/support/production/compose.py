"""Reads `docker-compose.yml` as compose does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

_VARIABLE: Final = re.compile(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}")

Node = dict[str, Any]


class MissingVariable(Exception):
    """A required variable is not set. The message comes from the file."""


@dataclass(frozen=True)
class Service:
    """A service. `mounts` maps its paths to files, folders or volume names. `is_run`: it is started by hand only."""

    name: str
    image: str
    entrypoint: Sequence[str]
    command: Sequence[str]
    environment: Mapping[str, str]
    mounts: Mapping[str, str]
    needs: Mapping[str, str]
    healthcheck: Sequence[str]
    is_run: bool = False


def read_services(files: Sequence[Path], variables: Mapping[str, str]) -> dict[str, Service]:
    """Return the services in the files; later files override earlier ones. Raises MissingVariable."""
    document: Node = {}
    for file in files:
        document = _merged(document, yaml.safe_load(file.read_text(encoding="utf-8")))
    document = {name: part for name, part in document.items() if not name.startswith("x-")}
    filled = _filled(document, variables)
    secrets = {name: one["file"] for name, one in filled["secrets"].items()}
    return {name: _service(name, node, secrets) for name, node in filled["services"].items()}


def _service(name: str, node: Node, secrets: Mapping[str, str]) -> Service:
    mounts = {f"/run/secrets/{secret}": secrets[secret] for secret in node.get("secrets", ())}
    for volume in node.get("volumes", ()):
        source, target = volume.split(":")[:2]
        mounts[target] = source
    test = node.get("healthcheck", {}).get("test", [])
    return Service(
        name=name,
        image=node["image"],
        entrypoint=node.get("entrypoint", []),
        command=node.get("command", []),
        environment=node.get("environment", {}),
        mounts=mounts,
        needs={other: one["condition"] for other, one in node.get("depends_on", {}).items()},
        healthcheck=test[1:] if test[:1] == ["CMD"] else test,
        is_run="profiles" in node,
    )


def _merged(first: Node, second: Node) -> Node:
    both = {
        name: _merged(first[name], second[name])
        for name in first.keys() & second.keys()
        if _is_map(first, second, name)
    }
    return {**first, **second, **both}


def _is_map(first: Node, second: Node, name: str) -> bool:
    return isinstance(first[name], dict) and isinstance(second[name], dict)


def _filled(node: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(one, variables) for name, one in node.items()}
    if isinstance(node, list):
        return [_filled(one, variables) for one in node]
    return _VARIABLE.sub(lambda found: _value(found, variables), node) if isinstance(node, str) else node


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, operator, word = found.groups()
    if value := variables.get(name, ""):
        return value
    if operator == ":?":
        raise MissingVariable(f"{name}: {word}")
    return str(word or "")
