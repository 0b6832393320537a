"""The six-digit code of an activity: it changes every minute, and nothing is stored.

Whoever sees the code on the community's screen is there. It is derived from the activity, the
minute and a secret of the service; the code before is good too, for those who type slowly. Only the
community's own system may send codes, and it may call the roll as well: guessing gains nothing.
"""

from hmac import compare_digest, digest

STEP = 60
"""Seconds a code is shown."""
_DIGITS = 6


def code(secret: bytes, activity_id: str, seconds: float) -> str:
    """The code of this minute."""
    return _code(secret, activity_id, int(seconds) // STEP)


def fits(secret: bytes, activity_id: str, seconds: float, given: str) -> bool:
    """Whether it is the code of this minute or of the one before."""
    step = int(seconds) // STEP
    good = (_code(secret, activity_id, each) for each in (step, step - 1))
    return any(compare_digest(given, each) for each in good)


def _code(secret: bytes, activity_id: str, step: int) -> str:
    mac = digest(secret, f"{activity_id}\x1f{step}".encode(), "sha256")
    return f"{int.from_bytes(mac[:8], 'big') % 10**_DIGITS:0{_DIGITS}}"
