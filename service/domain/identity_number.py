"""身份证号码: the citizen identity number of GB 11643, checked without repeating it anywhere."""

import re
from datetime import date
from operator import mul

_SHAPE = re.compile(r"[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]", re.ASCII)
_CHECK_CHARACTERS = "10X98765432"
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_ALL_ZEROS = sum(_WEIGHTS) * ord("0")


def check_character(first_seventeen: str) -> str:
    """The last character by ISO 7064 MOD 11-2: the digit at place i from the right weighs 2^i."""
    weighted = sum(map(mul, _WEIGHTS, first_seventeen.encode("ascii"))) - _ALL_ZEROS
    return _CHECK_CHARACTERS[weighted % 11]


def valid_id_number(number: str) -> bool:
    """Whether it has 18 characters, a birth date that exists and the right check character."""
    shape = _SHAPE.fullmatch(number)
    if shape is None:
        return False
    year, month, day = map(int, shape.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return number[-1] == check_character(number[:-1])
