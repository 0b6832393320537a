"""公开文字: free text about an organisation or a matter, which is not sealed (R40).

It names nobody. A name cannot be told from another word; a number that belongs to one person can.
"""

import re
from datetime import date
from unicodedata import normalize

from service.domain.event import Rejection

# People write digits in groups, and with whatever dash their keyboard has.
_GAP = r"[\s\-\u2010-\u2015]?"
_ID_NUMBER = re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dXx])", re.ASCII)
_PHONE = re.compile(
    rf"(?<!\d)(?:1{_GAP}[3-9](?:{_GAP}\d){{9}}|0\d{{2,3}}{_GAP}[2-9](?:{_GAP}\d){{6,7}})(?!\d)",
    re.ASCII,
)
_NO_DIGIT = re.compile(r"[^\dXx]", re.ASCII)


class PersonalDataInOpenText(Rejection):
    """公开文字中不得写入身份证号码、电话号码等个人信息。"""

    rule = "R40"


def require_open_text(text: str | None, pointer: str) -> None:
    """Refused if an ID number or a phone number stands in the text, however it is written."""
    if text is None:
        return
    # Full-width digits are digits as well.
    plain = normalize("NFKC", text)
    if any(map(_is_id_number, _ID_NUMBER.findall(plain))):
        raise PersonalDataInOpenText("文字中有身份证号码。", pointer)
    if _PHONE.search(plain):
        raise PersonalDataInOpenText("文字中有电话号码。", pointer)


def _is_id_number(found: str) -> bool:
    """Whether a birth date stands in its place; a mistyped check character changes nothing."""
    digits = _NO_DIGIT.sub("", found)
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2099
