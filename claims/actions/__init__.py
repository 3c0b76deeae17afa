"""The effects of each action on a claim."""
