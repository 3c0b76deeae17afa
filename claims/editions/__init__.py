"""Policy editions: what a published law changes, from when on, and for whom (R7, R8)."""
