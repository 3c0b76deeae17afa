"""The codec server of the Temporal UI: decodes payloads, and encodes those of an administrator."""
