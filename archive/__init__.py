"""The archive: complete histories of closed workflows under a manifest chained by hash.

Bytes and models only: nothing here knows Temporal's server, the records or the clock. `docs/adr/0009-the-archive.md`
says why it is made so; the `README.txt` in every archive says how a stranger checks it.
"""
