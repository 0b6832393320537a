"""What is counted: answers by route and status, how long they took, and where the views stand."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from service.projections.runner import ViewState


class Metrics:
    """The figures of one application; several in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "eighthours_http_answers",
            "Answers by route template, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "eighthours_http_seconds",
            "Seconds from request to answer, by route template.",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
            registry=self._registry,
        )
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        """Where each kind of answer is counted: finding it by its labels takes longer."""
        self._head = Gauge(
            "eighthours_log_position", "Last position of the log.", registry=self._registry
        )
        self._position = Gauge(
            "eighthours_view_position",
            "Position a view stands at.",
            ["view"],
            registry=self._registry,
        )
        self._running = Gauge(
            "eighthours_view_running",
            "1 while a view follows the log, 0 when it is stopped or waiting.",
            ["view", "state"],
            registry=self._registry,
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts one answer; ``route`` is the template, never the path with its ids."""
        counted = self._counted.get((route, method, status))
        if counted is None:
            counted = self._answers.labels(route, method, str(status)), self._seconds.labels(route)
            self._counted[route, method, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    def text(self, head: int, views: Iterable[ViewState]) -> bytes:
        """Everything in Prometheus' text format."""
        self._head.set(head)
        self._running.clear()
        for view in views:
            self._position.labels(view.view).set(view.position)
            self._running.labels(view.view, view.state).set(view.state == "following")
        return generate_latest(self._registry)
