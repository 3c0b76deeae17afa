"""What the API counts (Prometheus). Labels are route templates, actions and statuses: no person's data."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest


class Metrics:
    """One API's counters, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "zaoying_api_requests",
            "Requests by method, route template and status",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "zaoying_api_request_seconds",
            "Seconds until a request was answered",
            ["method", "route"],
            registry=self._registry,
        )
        self.outcomes = Counter(
            "zaoying_api_action_outcomes",
            "Actions by what became of them: accepted, refused, pending",
            ["action", "status"],
            registry=self._registry,
        )
        self.registrations = Counter(
            "zaoying_api_registrations",
            "Registrations by channel and whether the claim was new or known",
            ["channel", "status"],
            registry=self._registry,
        )

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)
