"""Papers in Word (公文): templates that officials edit, rendering, and what counts as a real file.

The committed `templates/*.docx` are the truth; `make_templates` made the first ones.
"""
