"""The application's operations: register, act, read, list, upload, publish.

The HTTP API and the server-rendered pages call the same functions in the same process. Nothing here knows
HTTP; what cannot be done is raised as a `service_layer.errors.ServiceError`.
"""
