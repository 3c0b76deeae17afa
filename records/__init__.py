"""The records: a read model of all claims, and the intake. Temporal is the source of truth while a claim is
open; `claim_writer`'s rows can be rebuilt from it. Only the intake (R10) is written here first. All SQL is in
this folder.
"""
