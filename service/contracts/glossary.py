"""contracts/glossary.md: the words of this service in Chinese and English, by capability."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from service.api.scopes import Scope
from service.contracts import words
from service.contracts.capability import Capability, Saying, capabilities, events, tags_of
from service.contracts.publication import Published, name_of
from service.contracts.rejections import entries
from service.domain.event import Event
from service.domain.evidence import GRADE_WORDS

_OPENING = """\
# 词汇表 Glossary

八小时之内努力工作在单位，八小时之外无私奉献在社区。本表是这项服务所用的全部词语：左边的中文是页面、通知和\
拒绝理由中的说法，英文是接口与日志中的写法。由代码生成，请勿手改。

*The words of this service: Chinese is what people read, English is what interfaces and the log say.
Generated from the code by `eighthours contracts`; do not edit.*

* 事件 *events*：已经发生的事，只增加，不修改，不删除。格式见 [events/](events/)，样例见 \
[samples/](samples/)。
* 拒绝 *rejections*：因规则而不予办理，什么也没有记录。完整列表见 \
[rejections.json](rejections.json)。
* 规则 *rule* 是领域规则的编号（R1 至 R41）。
"""


def text(published: Mapping[str, Published]) -> str:
    """The file's text, the same every time; ``published`` says since when a version is there."""
    refused: dict[str, list[dict[str, Any]]] = {}
    for entry in entries():
        refused.setdefault(entry["capability"], []).append(entry)
    lines = [_OPENING]
    for capability in capabilities():
        if capability.events or capability.kinds or capability.name in refused:
            lines += _section(capability, refused.get(capability.name, []), published)
    lines += ["## 接口 The API itself", ""]
    lines += _refused(refused["api"])
    lines += _scopes()
    lines += _values()
    lines += _fields()
    return "\n".join(lines).rstrip() + "\n"


def _section(
    capability: Capability, refused: list[dict[str, Any]], published: Mapping[str, Published]
) -> Iterator[str]:
    saying = capability.saying
    rules = f" ({saying.rules})" if saying.rules else ""
    english = capability.name.replace("_", " ").capitalize()
    yield from (f"## {saying.term} {english}", "", f"*{saying.meaning}{rules}.*", "")
    if capability.events:
        rows = (_event(event, published) for event in capability.events)
        yield from _table("事件 | Event | 含义 Meaning | 规则 | 始于 Since", rows)
    for kind in capability.kinds:
        yield from _kind(kind)
    yield from _refused(refused)


def _event(event: type[Event], published: Mapping[str, Published]) -> tuple[str, ...]:
    saying, name = Saying.of(event), name_of(event)
    since = published[name].since if name in published else "—"
    link = f"[`{event.event_type}`](events/{name}.json) v{event.version}"
    return event.term, link, saying.meaning, saying.rules, since


def _kind(kind: type[Enum]) -> Iterator[str]:
    rows = ((words.member(each), f"`{each.value}`") for each in kind)
    yield from _table(f"{Saying.of(kind).term} | {kind.__name__}", rows)


def _refused(refused: list[dict[str, Any]]) -> Iterator[str]:
    if refused:
        rows = (
            (entry["title"], f"`{entry['code']}`", str(entry["status"]), entry["rule"] or "")
            for entry in refused
        )
        yield from _table("拒绝 | Rejection | HTTP | 规则", rows)


def _scopes() -> Iterator[str]:
    yield from ("## 权限 Scopes", "", "*What a client may be allowed; one per route.*", "")
    rows = (
        (scope.word, f"`{scope.value}`", "、".join(kind.word for kind in sorted(scope.kinds)))
        for scope in Scope
    )
    yield from _table("权限 | Scope | 可持有的组织", rows)


def _values() -> Iterator[str]:
    yield from ("## 其他取值 Other values", "")
    yield from _table("凭据等级 | Grade", ((w, f"`{grade}`") for grade, w in GRADE_WORDS.items()))
    yield from _table("取值 | Value", ((w, f"`{value}`") for value, w in words.CHOICES.items()))


def _fields() -> Iterator[str]:
    yield from ("## 事件的字段 Fields of events", "")
    yield "* 标签 *tag*：事件归于哪些对象，可据以查找。"
    yield from ("* 个人信息 *personal*：用党员本人的密钥加密保存，销毁密钥即不可恢复。", "")
    rows: set[tuple[str, ...]] = set()
    for event in events():
        tags = tags_of(event)
        for name in event.model_fields:
            word = words.field(event.__name__, name)
            tag = f"`{tags[name]}` {words.TAGS[tags[name]]}" if name in tags else ""
            personal = words.PURPOSES[event.personal[name]] if name in event.personal else ""
            rows.add((word, f"`{name}`", tag, personal))
    head = "字段 | Field | 标签 Tag | 个人信息 Personal"
    yield from _table(head, sorted(rows, key=lambda row: (row[1:], row[0])))


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {head} |"
    yield "|" + "---|" * (head.count("|") + 1)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '／') for cell in row)} |"
    yield ""
