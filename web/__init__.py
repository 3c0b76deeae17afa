"""Pages for people: server-rendered, without rules of their own. They call `service_layer` as the API does."""
