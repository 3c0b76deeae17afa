"""Plays the rulebook as stories over HTTP, in virtual time."""
