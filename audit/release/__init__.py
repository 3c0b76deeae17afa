"""The release gate: compares what this code decides with what histories recorded."""
