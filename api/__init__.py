"""The thin HTTP API: who calls, what they ask, what became of it. Decides nothing itself."""
