"""Runs the production topology of docker-compose.yml without containers, in an isolated namespace."""
