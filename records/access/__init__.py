"""Who is let in: revoked tokens, and how often each caller has called."""
