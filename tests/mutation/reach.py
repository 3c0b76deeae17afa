"""Which test runs which statement: each statement in a function of the mutated modules tells its line first."""

import ast
import os
import pickle
import sys
import time
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Final, NamedTuple, NoReturn

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import functions, source
from tests.mutation.trials import Finder, silence

Line = tuple[str, int]
TELL: Final = "_tell_line"
MODULES_THAT_SHARE: Final = ("test_golden_matrix.py", "test_cited_refusals.py")
"""Their tests share claims that the first of them drives, so each reaches what any of them reaches."""

_told: set[Line] = set()


class Reach(NamedTuple):
    """The processor time that a test needs, and the lines at which the statements begin that it runs."""

    seconds: float
    lines: frozenset[Line]


class TellingLoader(SourceFileLoader):
    """Loads a module whose functions tell which lines they run."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code, with a call before each statement of its functions."""
        path = fullname.replace(".", "/") + ".py"
        tree = ast.parse(source(path))
        for function in functions(tree).values():
            function.body = _telling(path, function.body)
        code = compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)
        assert isinstance(code, CodeType)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Load the module, which is to know what to call."""
        vars(module)[TELL] = _told.add
        super().exec_module(module)


def _telling(path: str, block: list[ast.stmt]) -> list[ast.stmt]:
    for statement in block:
        parts: list[ast.AST] = [
            statement,
            *getattr(statement, "handlers", ()),
            *getattr(statement, "cases", ()),
        ]
        for part in parts:
            for name in ("body", "orelse", "finalbody"):
                if getattr(part, name, None):
                    setattr(part, name, _telling(path, getattr(part, name)))
    calls = [ast.parse(f"{TELL}(({path!r}, {statement.lineno}))").body[0] for statement in block]
    return [one for call, statement in zip(calls, block, strict=True) for one in (call, statement)]


def watch(paths: list[str]) -> None:
    """Let these modules, when they are imported, tell which lines they run."""
    sys.meta_path.insert(0, Finder(paths, TellingLoader))


def reaches(items: list[pytest.Item]) -> dict[str, Reach]:
    """Run all the tests once, in a child; what each of them reaches."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _send_reaches(items, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        found: dict[str, Reach] = pickle.load(pipe)
    os.waitpid(pid, 0)
    if failing := [nodeid for nodeid, reach in found.items() if reach.seconds < 0]:
        raise pytest.UsageError(f"these fail without any mutant: {failing}")
    for name in MODULES_THAT_SHARE:
        sharing = [nodeid for nodeid in found if f"{name}::" in nodeid]
        lines = frozenset().union(*(found[nodeid].lines for nodeid in sharing))
        found |= {nodeid: found[nodeid]._replace(lines=lines) for nodeid in sharing}
    return found


def _send_reaches(items: list[pytest.Item], to: int) -> NoReturn:
    silence()
    try:
        with open(to, "wb") as pipe:
            pickle.dump({item.nodeid: _reach(item) for item in items}, pipe)
    finally:
        os._exit(0)


def _reach(item: pytest.Item) -> Reach:
    """Return seconds below 0 for a test that fails."""
    _told.clear()
    began = time.process_time()
    reports = runtestprotocol(item, nextitem=None, log=False)
    if any(report.failed for report in reports):
        return Reach(-1, frozenset())
    return Reach(time.process_time() - began, frozenset(_told))
