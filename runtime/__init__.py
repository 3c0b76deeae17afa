"""Settings, logging, the one Temporal connection and data converter, and the local stack."""
