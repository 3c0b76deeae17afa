"""Word papers (公文): templates that officials edit, rendering, and checks of uploaded files.

The committed `templates/*.docx` are authoritative; `make_templates` created the first versions.
"""
