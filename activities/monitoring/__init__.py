"""What fails and what stalls, noticed."""
