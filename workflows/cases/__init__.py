"""What the workflows of periods, exclusions and clues have in common."""
