"""Access control: revoked tokens, public enquiries by code or phone, and request counts."""
