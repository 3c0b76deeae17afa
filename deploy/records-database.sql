-- The records have a database of their own beside Temporal's.
CREATE DATABASE zaoying;
