"""Pages of cases: joint meetings, clues and exclusions."""
