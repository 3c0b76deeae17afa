"""The HTTP API: a thin layer of routes over `service_layer`."""
