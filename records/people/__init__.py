"""What people store for themselves and each other, outside of claims."""
