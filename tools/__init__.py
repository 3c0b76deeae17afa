"""How the Temporal CLI is pinned and had, and how a real server is started with it."""
