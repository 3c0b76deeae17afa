"""The records' engine, dialects, schema and migrations."""
