"""What waits for a person: open claims, the most urgent first."""
