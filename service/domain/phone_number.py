"""联系电话: the shape of a phone number that can be dialled in mainland China."""

import re

from service.domain.event import Rejection

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}", re.ASCII)


class InvalidPhone(Rejection):
    """联系电话不正确：应为11位手机号码，或带区号的固定电话号码。"""

    rule = "R2"


def valid_phone(number: str) -> bool:
    """Whether this is a mobile number of 11 digits or a landline number with its area code."""
    return bool(_MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number))
