"""The code loaded into the fork server. A separate module, which the server imports once."""

import gc
from importlib import import_module
from typing import Final

from calendar_rules.loader import load_calendar

MODULES: Final = (
    "tests.support.workflows.dying_worker",
    "tests.support.workflows.frozen_worker",
    "tests.support.archive.archiver_process",
    "tests.support.records.sample_steps",
    "tests.support.notices.relay_process",
    "tests.support.processes.command",
    "web.app",
    "api.serve",
    "audit.reports.package",
    "audit.verification.read_model",
)

gc.disable()
for name in MODULES:
    import_module(name)
load_calendar()
"""Kept by its module; it imports every country's holidays."""
gc.freeze()
"""Excluded from garbage collection: each process would otherwise scan it and thereby copy shared memory."""
gc.enable()
