"""HTTP itself: problems, authentication, middleware, limits, metrics."""
