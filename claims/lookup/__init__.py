"""Directory, knowledge base and likely duplicates."""
