"""The release gate: compares what this code would do with what histories recorded."""
