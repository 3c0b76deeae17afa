"""Pages for enterprises, made for phones."""
