"""What each action does to a claim."""
