"""Who is let in: revoked tokens, enquiries by code or phone, and how often each caller has called."""
