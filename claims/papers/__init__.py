"""Papers that a claim or an account asks for, and redaction."""
