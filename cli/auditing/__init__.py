"""Commands on histories: audits, the archive, rehearsals."""
