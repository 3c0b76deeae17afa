"""The text format of traces."""

import re
from datetime import datetime
from typing import Final

from calendar_rules import SHANGHAI

VERSION: Final = re.compile(r"cn-[0-9a-f]{12}")
"""A calendar's version, which changes with its data."""


def minute(at: datetime) -> str:
    """Return an instant in Beijing time, to the minute."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"
