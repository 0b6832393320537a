"""The strict types of request bodies: what is not exactly right is refused, never adjusted.

Formats that JSON Schema cannot state in full carry a name of ours (`plain-text`, `id-number`, …) in
the OpenAPI document.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from service.domain.event import SHANGHAI

FIRST_YEAR, LAST_YEAR = 1921, 2099
"""Years this record can speak about; a date beyond them is a typing error."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\ufeff")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


class Body(BaseModel):
    """A request body: unknown fields refused, nothing coerced, nothing repeated in an error."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def _refused(code: str, words: str) -> PydanticCustomError:
    return PydanticCustomError(f"eighthours_{code}", words)


def clean(text: str) -> str:
    """Text as it may be kept: NFC, without control, bidi or invisible characters."""
    _no_controls(text, allowed="")
    if text != text.strip():
        raise _refused("blank", "首尾不得有空白")
    return text


def _clean_lines(text: str) -> str:
    _no_controls(text, allowed="\n")
    if not text.strip():
        raise _refused("blank", "不得只有空白")
    return text


def _no_controls(text: str, allowed: str) -> None:
    for character in text:
        if character in allowed or character.isalnum():
            continue
        if character in _BIDI:
            raise _refused("bidi", "不得含有双向控制字符")
        # Cc controls, Cs surrogates, Cn unassigned and non-characters, Zl and Zp separators.
        if character in _INVISIBLE or unicodedata.category(character) in {
            "Cc", "Cs", "Cn", "Zl", "Zp",
        }:  # fmt: skip
            raise _refused("control", "不得含有控制字符或不可见字符")
    if not unicodedata.is_normalized("NFC", text):
        raise _refused("nfc", "须为 Unicode NFC 规范形式")


class _Form:
    """Text of one form, told in words: a regular expression helps nobody who filled in a form."""

    def __init__(self, code: str, pattern: str, words: str) -> None:
        self.pattern = pattern
        self._form = re.compile(pattern)
        self._code = code
        self._words = words

    def __call__(self, text: str) -> str:
        if not self._form.fullmatch(text):
            raise _refused(self._code, self._words)
        return text

    @property
    def schema(self) -> dict[str, Any]:
        return {"pattern": f"^({self.pattern})$"}


_HEX = "[0-9a-f]"
_ID = _Form("id", f"{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}", "须为小写的 UUID")
_CODE = _Form("code", "[a-z][a-z0-9_]{0,49}", "须为小写字母、数字与下划线组成的代码")
_ID_NUMBER = _Form("id_number", r"[1-9]\d{16}[\dX]", "须为 18 位公民身份号码")
_PHONE = _Form("phone", r"\+?\d[\d-]{5,18}\d", "须为电话号码")
_AREA_CODE = _Form("area_code", r"\d{6}(\d{6})?", "须为 6 位或 12 位区划代码")
_NUMBER = _Form("number", "[0-9A-Za-z][0-9A-Za-z-]{0,49}", "须为字母、数字与连字符组成的编号")
_CLOCK = _Form("clock", r"([01]\d|2[0-3]):[0-5]\d|24:00", "须为 HH:MM 格式的时刻")
_SIX_DIGITS = _Form("six_digits", r"\d{6}", "须为 6 位数字")

_THUMBPRINT = _Form("thumbprint", "[0-9A-Za-z_-]{43}", "须为密钥的指纹（RFC 7638）")
_SALT = _Form("salt", f"{_HEX}{{32}}", "须为 32 位小写的十六进制数")

ShortText = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=100),
    AfterValidator(clean),
    Field(json_schema_extra={"format": "plain-text"}),
]
"""One line of at most 100 characters: a title, a name, a place."""
LongText = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=2000),
    AfterValidator(_clean_lines),
    Field(json_schema_extra={"format": "plain-text"}),
]
"""Text of at most 2000 characters, with line breaks."""
Id = Annotated[str, AfterValidator(_ID), Field(json_schema_extra={**_ID.schema, "format": "uuid"})]
"""An opaque id as this API gave it out."""
Thumbprint = Annotated[
    str, AfterValidator(_THUMBPRINT), Field(json_schema_extra=_THUMBPRINT.schema)
]
"""The id of a key: its own thumbprint (RFC 7638)."""
Salt = Annotated[str, AfterValidator(_SALT), Field(json_schema_extra=_SALT.schema)]
"""Sixteen random bytes in hexadecimal, drawn anew for each text."""
Code = Annotated[str, AfterValidator(_CODE), Field(json_schema_extra=_CODE.schema)]
"""A reason code."""
IdNumber = Annotated[str, AfterValidator(_ID_NUMBER), Field(json_schema_extra=_ID_NUMBER.schema)]
"""公民身份号码; only ever in a request body."""
Phone = Annotated[str, AfterValidator(_PHONE), Field(json_schema_extra=_PHONE.schema)]
"""A mobile or fixed telephone number."""
AreaCode = Annotated[str, AfterValidator(_AREA_CODE), Field(json_schema_extra=_AREA_CODE.schema)]
"""区划代码: 6 digits to the county, 12 for a community."""
Number = Annotated[str, AfterValidator(_NUMBER), Field(json_schema_extra=_NUMBER.schema)]
"""A member number or another number that somebody gave out."""
ClockTime = Annotated[str, AfterValidator(_CLOCK), Field(json_schema_extra=_CLOCK.schema)]
"""A local time as ``HH:MM``; ``24:00`` ends a day."""
SixDigits = Annotated[str, AfterValidator(_SIX_DIGITS), Field(json_schema_extra=_SIX_DIGITS.schema)]
"""A six-digit code."""


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _refused("moment", "没有这一时间") from None
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            return moment.astimezone(SHANGHAI)
    raise _refused("moment", "须为带时区的时间（RFC 3339），如 2026-03-04T16:00:00+08:00")


def _date(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise _refused("date", "没有这一日期") from None
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise _refused("date", "须为 YYYY-MM-DD 格式的日期")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment with its offset (RFC 3339)."""
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
"""A calendar day."""


def whole_number(value: Any) -> int:
    """The number of a query parameter or header that is written in plain digits."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        return int(value)
    raise _refused("whole_number", "须为非负整数")


def _yes_or_no(value: Any) -> bool:
    if value in {"true", "false"}:
        return bool(value == "true")
    raise _refused("yes_or_no", "须为 true 或 false")


WholeNumber = Annotated[int, Field(ge=0, lt=10**18), BeforeValidator(whole_number)]
"""A number in a query parameter or header, in plain digits."""
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), BeforeValidator(whole_number)]
"""A year in a query parameter."""
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
"""A query parameter that is ``true`` or ``false``."""
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""A whole number of places, slots or people."""


OfficerId = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=100),
    AfterValidator(clean),
    Field(json_schema_extra={"format": "plain-text"}),
]
"""办理人的编号（不是姓名）。"""


class ActingOfficer(Body):
    """办理人：由系统代为提交时，写明单位中由谁办理。"""

    person: OfficerId
    """办理人的编号（不是姓名）。"""
    role: Literal["responsible", "officer"] = "responsible"
    """职责：responsible 负责人，officer 经办人。"""


def _named(value: object) -> object:
    return {"person": value} if isinstance(value, str) else value


NamedOfficer = Annotated[
    ActingOfficer, BeforeValidator(_named, json_schema_input_type=OfficerId | ActingOfficer)
]
"""办理人；只写编号的，为负责人。"""


class Act(Body):
    """What every act may say beside its own fields."""

    occurred_at: Moment | None = None
    """发生时间；不填为提交之时。"""
    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""


class AtOnce(Body):
    """只在办理之时记录，不得补记。"""

    # Where the day protects somebody, whoever may choose it may choose one that suits.
    acting_officer: NamedOfficer | None = None
    """办理人；只写编号的，为负责人。令牌已写明个人的，不得填写。"""
