"""A limit on how often something may be asked for: a bucket of tries that fills up again."""

from collections import OrderedDict
from math import ceil

_REMEMBERED = 10_000


class Limiter:
    """At most ``burst`` tries at once per key, then ``per_second``; in this process only."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> int:
        """Takes a try and returns 0, or returns in how many seconds there will be one."""
        left, at = self._buckets.pop(key, (float(self._burst), now))
        left = min(self._burst, left + max(0.0, now - at) * self._per_second)
        seconds = 0 if left >= 1 else ceil((1 - left) / self._per_second)
        self._buckets[key] = (left if seconds else left - 1, now)
        # Whoever was not heard of for longest has a full bucket again anyway.
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return seconds
