"""Runs tests on mutants, each in a forked child; the files stay as they are.

A child either changes the code of one function, when the tests are loaded already, or imports the module changed.
"""

import gc
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from types import CodeType, FunctionType, ModuleType
from typing import Final, NamedTuple

import pytest

from tests.mutation.mutants import ROOT, Mutant, module_name
from tests.support.hypothesis_profile import use_profile

MOST_MEMORY: Final = 3 << 30
OPTIONS: Final = (
    "-x",
    "-q",
    "-s",
    "--noconftest",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:unraisableexception",
    "-W",
    "ignore",
)
NO_TESTS: Final = "no tests"
IDLE: Final = 20
"""So many times its processor time a mutant may take: it may wait for something that never comes."""


class Trial(NamedTuple):
    """What the tests made of a mutant. `killer`: the test that failed first."""

    mutant: Mutant
    killed: bool
    killer: str = ""


def _mutating(mutant: Mutant) -> type[SourceFileLoader]:
    """Return a loader of the mutated source, which never looks at compiled files."""

    class Loader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            code = compile(mutant.mutated, self.path, "exec", dont_inherit=True)
            assert isinstance(code, CodeType)
            return code

    return Loader


class Finder(MetaPathFinder):
    """Imports some modules of ours with a loader of its own."""

    def __init__(self, paths: Sequence[str], loader: type[SourceFileLoader]) -> None:
        self._paths = {module_name(path): path for path in paths}
        self._loader = loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the specification of a module with the loader; None for any other module."""
        found = self._paths.get(fullname)
        return spec_from_loader(fullname, self._loader(fullname, str(ROOT / found))) if found else None


PLUGINS: Final = ("_hypothesis_pytestplugin", "pytest_asyncio.plugin", "anyio.pytest_plugin")
"""Of pytest: loaded before any child begins, which would load them again."""


def preload() -> None:
    """Load the libraries that the tests use, but none of our own modules; they all stay. Examples are the tests' own, and no
    test fails for being slow: there is no `conftest.py` here that says so."""
    gc.disable()
    use_profile()
    for plugin in PLUGINS:
        importlib.import_module(plugin)
    importlib.import_module("tests.unit.oracles.test_golden_matrix")
    importlib.import_module("tests.unit.units.test_unit_account")
    kept = ("tests", "tests.mutation")
    for name, module in list(sys.modules.items()):
        own = str(getattr(module, "__file__", None) or "").startswith(f"{ROOT}/") and ".venv" not in str(
            module.__file__
        )
        if own and name not in kept and not name.startswith("tests.mutation."):
            del sys.modules[name]
    gc.collect()
    gc.freeze()


def try_imported(mutant: Mutant, tests: Sequence[str], *, seconds: int) -> Trial:
    """Import the mutated module, and run the tests named."""
    first = _FirstFailure()

    def child() -> str:
        sys.meta_path.insert(0, Finder([mutant.path], _mutating(mutant)))
        limit_time(seconds)
        code = pytest.main([*OPTIONS, *tests], plugins=[first])
        if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED):
            return NO_TESTS
        return "" if code == pytest.ExitCode.OK else first.test or "the import"

    return forked(mutant, child)


class _FirstFailure:
    """A pytest plugin that remembers which test failed."""

    test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid


def forked(mutant: Mutant, child: Callable[[], str]) -> Trial:
    """Run this in a child, whose answer is the test that failed. A child that dies has killed the mutant too."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            silence()
            os.write(writing, child().encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        killer = pipe.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    if killer == NO_TESTS:
        raise LookupError(f"no tests for {mutant}")
    if os.WIFSIGNALED(status):
        killer = f"signal {os.WTERMSIG(status)}"
    return Trial(mutant, bool(killer), killer)


def silence() -> None:
    """Print nothing from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def limit_time(seconds: float) -> None:
    """End this process after so many seconds of its own processor time, or when it does not even use that."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, IDLE * seconds)


def change_function(mutant: Mutant) -> None:
    """Give a function that is loaded its mutated code."""
    code = compile(mutant.mutated, str(ROOT / mutant.path), "exec", dont_inherit=True)
    found: object = sys.modules[mutant.module]
    for name in mutant.function.split("."):
        found = vars(found)[name]
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    for wrapped in ("fget", "__func__", "__wrapped__"):
        found = getattr(found, wrapped, found)
    assert isinstance(found, FunctionType), mutant.function
    found.__code__ = code
