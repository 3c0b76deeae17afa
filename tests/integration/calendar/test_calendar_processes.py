"""The modules that the calendar rules load, and that every process computes the same."""

import subprocess
import sys

import pytest

from calendar_rules.loader import load_calendar


def test_the_value_types_are_had_without_the_holidays_library() -> None:
    code = "import sys, calendar_rules; print('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.rule("R1")
def test_the_version_is_the_same_in_another_process() -> None:
    code = "from calendar_rules.loader import load_calendar; print(load_calendar().version)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == load_calendar().version
