"""Access to the system: tokens, and the keys that payloads are encrypted with."""
