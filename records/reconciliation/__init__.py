"""Records compared with what histories say, and repaired."""
