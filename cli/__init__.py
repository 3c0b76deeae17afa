"""The command `zaoying`: one file a group of commands."""
