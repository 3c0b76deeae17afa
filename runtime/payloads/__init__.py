"""What workflows' payloads are encrypted with, and by whom."""
