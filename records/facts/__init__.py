"""Recorded facts (R60): written with their claim, and grouped into a month's figures."""
