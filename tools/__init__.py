"""The Temporal CLI: its pinned version, where it comes from, and how a real server is started with it."""
