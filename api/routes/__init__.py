"""The routes, one module for each resource. They parse, call the service layer once, and answer."""
