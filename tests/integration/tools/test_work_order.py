"""A run on several processes shares what they load, and ends even if one of them dies."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.polling import PATIENCE

ROOT: Final = Path(__file__).parents[3]
OPTIONS: Final = ("-p", "xdist", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-q")
CONFTEST: Final = """
from tests.support.processes.forked_workers import fork_workers
from tests.support.processes.work_order import BySystem

def pytest_xdist_setupnodes(config, specs):
    fork_workers(config, specs)

def pytest_xdist_make_scheduler(config, log):
    return BySystem(config, log)
"""
DIES: Final = "import os\n\ndef test_dies():\n    os._exit(1)\n"
PASSES: Final = "def test_passes():\n    pass\n"
LOADED_ONCE: Final = """
import os

LOADED_BY = os.getpid()

def test_this_module_was_loaded_by_the_first_process():
    assert LOADED_BY == os.getppid()
"""
FORKS: Final = """
import sys
import threading

from tests.support.processes.forked_processes import FORKED

def is_as_new(writing):
    is_unhooked = (sys.unraisablehook, threading.excepthook) == (sys.__unraisablehook__, threading.__excepthook__)
    writing.send((is_unhooked, "holidays" in sys.modules))

def test_a_program_that_it_forks_has_the_code_loaded_and_nothing_of_pytest():
    reading, writing = FORKED.Pipe(duplex=False)
    process = FORKED.Process(target=is_as_new, args=(writing,))
    process.start()
    assert reading.poll(60) and reading.recv() == (True, True)
    process.join()
"""


FILES: Final = {
    "conftest.py": CONFTEST,
    "test_00.py": LOADED_ONCE,
    "test_01.py": FORKS,
    "test_02.py": "import nothing_of_that_name\n",
    **{f"test_{number:02}.py": DIES if number == 18 else PASSES for number in range(3, 24)},
}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one run on two processes says."""
    folder = tmp_path_factory.mktemp("run")
    for name, content in FILES.items():
        (folder / name).write_text(content)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return run.stdout + run.stderr


def test_a_process_that_dies_fails_one_test_and_the_others_are_all_tried(output: str) -> None:
    assert re.search(r"crashed while running '\S*test_18.py::test_dies'", output), output
    assert "1 failed, 22 passed, 1 error" in output, output


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process loads for itself")
@pytest.mark.parametrize("file", ["test_00.py", "test_01.py"])
def test_processes_are_forked_from_one_that_has_loaded_the_tests(output: str, file: str) -> None:
    assert f"FAILED {file}" not in output, output


def test_a_module_that_cannot_be_loaded_is_named(output: str) -> None:
    assert "ERROR test_02.py" in output, output
    assert "No module named 'nothing_of_that_name'" in output
