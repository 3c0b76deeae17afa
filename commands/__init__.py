"""Groups of `zaoying`'s commands, each in a file of its own. `cli/main.py` puts them together."""
