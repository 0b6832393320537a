"""Event versions as published: a schema and a stored sample of each, frozen once they are there.

contracts/published.json is the lock. An event that must change gets a higher ``version`` and an
``upcast``; what older versions look like, and that they still load, stays as published.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version as released
from pathlib import Path
from typing import Any

import orjson

from service.contracts.capability import events
from service.contracts.event_schema import event_schema, meaning
from service.contracts.samples import SampleKeys, invented, stored
from service.contracts.unpublishable import PublishedVersionChanged
from service.domain.event import Event
from service.eventstore.mapping import Decoder, canonical

OUTDATED = "与代码不一致：请运行 eighthours contracts。"
_RAISE = (
    "已发布的版本不能改：请把事件类的 version 提高到 {next}，写 upcast 把旧版带到新版，"
    "再运行 eighthours contracts。"
)


@dataclass(frozen=True)
class Published:
    """What the lock keeps of one version of an event."""

    since: str
    """The release of this service it appeared in."""
    schema: str
    """SHA-256 of what the schema demands; words that explain may be bettered."""
    sample: str
    """SHA-256 of the sample's bytes."""


def read(folder: Path) -> dict[str, Published]:
    """The lock: every published version by its name, e.g. ``MemberEnrolled.v1``."""
    text = content(folder / "published.json")
    found: dict[str, dict[str, str]] = json.loads(text) if text else {}
    return {name: Published(**entry) for name, entry in found.items()}


def publish(folder: Path) -> list[Path]:
    """Publishes the versions that are new and returns the files that changed.

    Raises `PublishedVersionChanged` before anything is written.
    """
    published = read(folder)
    if broken := [sentence for _, sentence in _broken(folder, published)]:
        raise PublishedVersionChanged("\n".join(broken))
    keys = _keys(folder)
    wanted: dict[Path, bytes] = {}
    for event in events():
        name, schema = name_of(event), event_schema(event)
        wanted[folder / "events" / f"{name}.json"] = _pretty(schema)
        if name not in published:
            sample = stored(invented(event), keys)
            wanted[folder / "samples" / f"{name}.json"] = sample
            published[name] = Published(
                since=released("eighthours"),
                schema=meaning(schema),
                sample=sha256(sample).hexdigest(),
            )
    wanted[folder / "sample-keys.json"] = keys.text().encode()
    lock = {name: asdict(entry) for name, entry in sorted(published.items())}
    wanted[folder / "published.json"] = _pretty(lock)
    return [path for path, text in wanted.items() if replace(path, text)]


def differences(folder: Path) -> list[str]:
    """Every way in which the published versions and the code differ, as sentences."""
    published = read(folder)
    broken = dict(_broken(folder, published))
    found = list(broken.values())
    for event in events():
        path = folder / "events" / f"{name_of(event)}.json"
        if name_of(event) not in published:
            found.append(f"{path} 尚未发布：请运行 eighthours contracts。")
        elif path not in broken and content(path) != _pretty(event_schema(event)):
            found.append(f"{path} {OUTDATED}")
    files = sorted((*folder.glob("events/*"), *folder.glob("samples/*")))
    strays = [path for path in files if path.stem not in published]
    return found + [f"{path} 不在 {folder / 'published.json'} 之中：请删除。" for path in strays]


def name_of(event: type[Event]) -> str:
    """The name of the event's version of today."""
    return f"{event.event_type}.v{event.version}"


def content(path: Path) -> bytes:
    """What a file holds; nothing where there is none."""
    return path.read_bytes() if path.exists() else b""


def replace(path: Path, text: bytes) -> bool:
    """Writes a file unless it holds this already; whether it was written."""
    if content(path) == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return True


def _broken(folder: Path, published: dict[str, Published]) -> Iterator[tuple[Path, str]]:
    """Every published file that was changed or that the code no longer keeps to."""
    current = {event.event_type: event for event in events()}
    for name, entry in published.items():
        event_type, _, number = name.rpartition(".v")
        event = current.get(event_type)
        schema = folder / "events" / f"{name}.json"
        sample = folder / "samples" / f"{name}.json"
        if event is None or event.version < int(number):
            yield schema, f"{schema} 已发布，代码中却没有这一版：日志中的事件须能一直读出，请恢复。"
            continue
        raising = _RAISE.format(next=event.version + 1)
        if name == name_of(event) and meaning(event_schema(event)) != entry.schema:
            yield schema, f"{schema} 已发布，代码中 {event_type} 的字段却变了。{raising}"
        elif not _keeps(schema, entry):
            yield schema, f"{schema} 已发布，文件却被改动：请恢复原文件。"
        if sha256(content(sample)).hexdigest() != entry.sample:
            yield sample, f"{sample} 已发布，文件却被改动：请恢复原文件。"
        elif fault := _unreadable(event, content(sample)):
            yield sample, f"{sample} {fault}"


def _keeps(schema: Path, entry: Published) -> bool:
    try:
        return meaning(json.loads(content(schema))) == entry.schema
    except ValueError:
        return False


def _unreadable(event: type[Event], sample: bytes) -> str:
    """What is wrong with loading this sample today; empty when nothing is."""
    envelope = orjson.loads(sample)
    try:
        loaded = Decoder(size=1).event(1, sample)
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        where = f"{event.__name__}.upcast 须能处理第 {envelope['version']} 版"
        return f"用今天的代码读不出来（{type(fault).__name__}）：{where}。"
    if envelope["version"] == event.version:
        fields = loaded.model_dump(mode="json", exclude={"event_id"})
        if canonical(envelope | {"data": fields}) != sample:
            return f"读出后再写入，字节与原来不同。{_RAISE.format(next=event.version + 1)}"
    return ""


def _keys(folder: Path) -> SampleKeys:
    return SampleKeys((content(folder / "sample-keys.json") or b"[]").decode())


def _pretty(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
