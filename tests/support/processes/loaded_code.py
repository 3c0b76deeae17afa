"""What forked processes begin with. A module of its own, which the server that forks them imports once."""

import gc
from importlib import import_module
from typing import Final

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
gc.freeze()
"""All of it stays. Each process would go over it again, and by that copy the memory that it shares."""
gc.enable()
