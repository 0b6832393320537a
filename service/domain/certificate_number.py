"""活动证编号: the unified number of a certificate, with a check digit (R5)."""

import re

_SHAPE = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}\d{7}", re.ASCII)


def check_digit(digits: str) -> str:
    """The check digit that follows these digits by ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def certificate_number(area_code: str, year: int, serial: int) -> str:
    """区县 6 位、年份 4 位、序号 6 位、校验 1 位: the unified number of a certificate (R5)."""
    digits = f"{area_code[:6]}{year:04}{serial:06}"
    number = digits + check_digit(digits)
    if not valid_certificate_no(number):
        raise ValueError(f"no certificate number for {area_code!r}, {year}, {serial}")
    return number


def valid_certificate_no(number: str) -> bool:
    """Whether it has 17 digits of the right shape and the right check digit (R5)."""
    return bool(_SHAPE.fullmatch(number)) and number[-1] == check_digit(number[:-1])
