"""A run on several processes ends even if one of them dies."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.support.polling import PATIENCE

ROOT: Final = Path(__file__).parents[3]
OPTIONS: Final = ("-p", "xdist", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-q")
CONFTEST: Final = """
from tests.support.processes.work_order import BySystem

def pytest_xdist_make_scheduler(config, log):
    return BySystem(config, log)
"""
DIES: Final = "import os\n\ndef test_dies():\n    os._exit(1)\n"
PASSES: Final = "def test_passes():\n    pass\n"


def test_a_process_that_dies_fails_one_test_and_the_others_are_all_tried(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(24):
        content = DIES if number == 18 else PASSES
        (tmp_path / f"test_{number:02}.py").write_text(content)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert re.search(r"crashed while running '\S*test_18.py::test_dies'", run.stdout), run.stdout
    assert "1 failed, 23 passed" in run.stdout
