"""A clock that tests set."""

from datetime import datetime

from service.domain.event import SHANGHAI


class SettableClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.now
