"""Contents of the papers that claims and accounts request, and redaction."""
