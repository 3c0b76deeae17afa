"""Notices to named recipients (R20): channels, sending, and the relay that empties the outbox."""
