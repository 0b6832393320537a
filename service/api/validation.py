"""What pydantic found wrong with a request, in Chinese and with JSON pointers.

The value that was sent is never repeated, nor any part of it: it may be an ID number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from service.api.problems import Fault
from service.domain.rule_pack import RULE_KINDS

_WORDS = {
    "missing": "必须填写",
    "extra_forbidden": "不认识的字段",
    "string_type": "须为字符串",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不符",
    "string_unicode": "含有无效的字符",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_parsing_size": "整数过大",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "date_type": "须为 YYYY-MM-DD 格式的日期",
    "datetime_type": "须为带时区的时间（RFC 3339）",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "enum": "须为下列之一：{expected}",
    "literal_error": "须为下列之一：{expected}",
    "list_type": "须为数组",
    "tuple_type": "须为数组",
    "union_tag_invalid": "须为下列之一：{expected_tags}",
    "union_tag_not_found": "必须填写",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "dict_type": "须为对象",
    "model_type": "须为对象",
    "model_attributes_type": "须为对象",
    "json_invalid": "不是有效的 JSON",
    "json_type": "须为 JSON 文本",
    "none_required": "须为 null",
}
"""Words for pydantic's error types; ours (`fields.py`) bring their own."""

_LIMITS = ("min_length", "max_length", "gt", "ge", "lt", "le", "expected", "expected_tags")
"""What may be quoted from an error's context: our own limits, never what was sent."""


def faults(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """The faults of a pydantic error list, the same place named once."""
    found = [_fault(error) for error in errors]
    return list(dict.fromkeys(found))


def _fault(error: Mapping[str, Any]) -> Fault:
    location = tuple(error["loc"])
    kind = str(error["type"])
    detail = words(kind, error)
    if location[:1] == ("body",):
        return Fault(detail=detail, code=kind, pointer=pointer(_in_document(kind, location[1:])))
    # Of a query, path or header parameter the name is all there is to say.
    return Fault(detail=detail, code=kind, parameter=str(location[-1]) if location else None)


def _in_document(kind: str, location: Sequence[str | int]) -> list[str | int]:
    """A place in the document: pydantic also names which kind of rule it took one for."""
    found = [
        part
        for place, part in enumerate(location)
        if not (part in RULE_KINDS and place and isinstance(location[place - 1], int))
    ]
    return [*found, "kind"] if kind.startswith("union_tag") else found


def words(kind: str, error: Mapping[str, Any]) -> str:
    """The Chinese words for one pydantic error."""
    if kind in _WORDS:
        limits = {name: error.get("ctx", {}).get(name, "") for name in _LIMITS}
        return _WORDS[kind].format(**limits).replace("' or '", "'、'").replace("', '", "'、'")
    if kind.startswith("eighthours_"):
        return str(error["msg"])
    return "内容不符合要求"


def pointer(parts: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901); its keys are our own field names or indexes."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
