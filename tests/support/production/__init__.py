"""The production topology without containers: what docker-compose.yml says, on a machine made for it."""
