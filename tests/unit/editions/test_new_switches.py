"""A worker drops a switch that it does not know, so a release with a new one raises the version of messages (R7)."""

import hashlib
from types import MappingProxyType
from typing import Final

import pytest

from claims.model.policy import Policy
from runtime.payloads.message_version import VERSION

SWITCHES: Final = MappingProxyType({1: "8bb6ee23afc926c8"})
"""A digest of the policy's fields, by the version of messages since which workers know them."""


@pytest.mark.rule("R7")
def test_a_release_with_a_new_switch_raises_the_version_of_messages() -> None:
    """Where this fails: raise VERSION (`runtime/payloads/message_version.py`), unless a version that was never released has
    it, and note the digest."""
    fields = "\n".join(sorted(Policy.model_fields))
    assert hashlib.sha256(fields.encode()).hexdigest()[:16] == SWITCHES[VERSION]
