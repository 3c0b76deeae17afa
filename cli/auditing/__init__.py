"""What is asked of histories: audits, the archive, rehearsals."""
