"""The log of a test, and the same as another process has it."""

from tests.projections.conftest import log, other_log

__all__ = ["log", "other_log"]
