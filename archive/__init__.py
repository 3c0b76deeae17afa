"""The archive: complete histories of closed workflows, listed in a manifest whose entries are chained by
hash.

This package handles bytes and models only: it does not use Temporal's server, the records or the clock.
`docs/adr/0009-the-archive.md` gives the reasons; the `README.txt` in every archive explains how to check it
without this program.
"""
