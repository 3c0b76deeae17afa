"""Errors that keep a program from starting. Messages are for the operator, in Chinese."""


class ConfigurationError(Exception):
    """The settings, or the files that they name, cannot be used; the message names the cause and the cure."""
