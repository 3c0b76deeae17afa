"""The history of the tables, one revision after the other. Applied by `records.database.schema`."""
