"""Filing the papers that the procedure makes."""
