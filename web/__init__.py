"""Server-rendered pages without rules of their own. They call `service_layer`, as the API does."""
