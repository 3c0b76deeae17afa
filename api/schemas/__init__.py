"""Query models, column headings and examples of the API. View models are in `service_layer.views`."""
