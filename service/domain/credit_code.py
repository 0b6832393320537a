"""统一社会信用代码: the unified social credit identifier of GB 32100 (R1)."""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: I, O, S, V and Z are left out because they are easily misread."""

_SHAPE = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}", re.ASCII)

# What may stand second (机构类别) after which first character (登记管理部门).
# 54 and 55 are given out in practice though the standard's table does not list them.
_CATEGORIES = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "123459",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "123",
    "A": "19",
    "N": "1239",
    "Y": "1",
}


def well_formed(code: str) -> bool:
    """Whether a code has the 18 places of the standard and a known prefix; not its check digit."""
    return bool(_SHAPE.fullmatch(code)) and code[1] in _CATEGORIES.get(code[0], "")


def check_character(first_seventeen: str) -> str:
    """The last character: weights 3^i modulo 31; where nothing is left over it is ``0``."""
    weighted = sum(
        ALPHABET.index(character) * pow(3, at, 31) for at, character in enumerate(first_seventeen)
    )
    # The standard computes 31 - remainder and writes 31 as 0.
    return ALPHABET[-weighted % 31]


def check_character_fits(code: str) -> bool:
    """Whether the last character of a well-formed code is the right one."""
    return code[-1] == check_character(code[:-1])
