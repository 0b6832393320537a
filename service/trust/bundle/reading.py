"""What the files of a bundle are called, and how they are read when they may be anybody's.

Every file of JSON has one byte form, and an event the fields of a stored one; a number, a depth or
a type that does not belong there is refused before anything is done with it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NoReturn

from service.trust.transparency.signed_note import Note
from service.trust.verification import canonical

MANIFEST, SEAL, EVIDENCE, CHECKPOINT = (
    "manifest.json",
    "seal.txt",
    "evidence.json",
    "checkpoint.txt",
)
POLICY, KEYS, OPENED, COMPLETENESS = "policy.txt", "keys.json", "opened.json", "completeness.json"
FROZEN, REPORT, VERIFIER, README = "frozen.json", "report.pdf", "verify.py", "README.txt"
ALWAYS = frozenset(
    {MANIFEST, SEAL, EVIDENCE, CHECKPOINT, POLICY, KEYS, OPENED, COMPLETENESS, FROZEN, VERIFIER}
    | {README}
)
"""What every bundle has; `report.pdf` is there unless the bundle was made without it."""
EVENTS, KEY_EVENTS, PROOFS = "events", "key-events", "proofs"
FORM_OF_BUNDLE = 1
SEALED_AS = "eighthours/evidence-bundle@v1"
"""The first line of what is sealed: the key seals nothing else."""
SEALED_TEXT = "sealed:"
"""How a text begins that nobody can read without the member's key."""

_IN_FOLDER = re.compile(r"(events|key-events|proofs)/([1-9][0-9]{0,17})\.(json|txt)")


class Unsound(ValueError):
    """材料不成立"""


@dataclass(frozen=True)
class StoredEvent:
    """An event as the log keeps it."""

    position: int
    raw: bytes
    content: dict[str, Any]
    """Checked as far as its envelope goes."""

    @property
    def type(self) -> str:
        return str(self.content["type"])

    @property
    def data(self) -> dict[str, Any]:
        """Its own fields."""
        found: dict[str, Any] = self.content["data"]
        return found


@dataclass(frozen=True)
class Contents:
    """The files of a bundle, those of its folders by position."""

    files: Mapping[str, bytes]
    events: Mapping[int, StoredEvent]
    """Those about the member."""
    key_events: Mapping[int, StoredEvent]
    """Those about the organisations' keys."""
    proofs: Mapping[int, str]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Contents":
        """Raises Unsound for a file that does not belong there, or is none."""
        found: dict[str, dict[int, bytes]] = {EVENTS: {}, KEY_EVENTS: {}, PROOFS: {}}
        for name, raw in files.items():
            if name in ALWAYS or name == REPORT:
                continue
            parts = _IN_FOLDER.fullmatch(name)
            if parts is None or (parts[1] == PROOFS) != (parts[3] == "txt"):
                raise Unsound(f"多出文件 {name}")
            found[parts[1]][int(parts[2])] = raw
        if missing := sorted(ALWAYS - files.keys()):
            raise Unsound(f"缺少文件 {'、'.join(missing)}")
        return cls(
            files,
            {position: stored_event(position, raw) for position, raw in found[EVENTS].items()},
            {position: stored_event(position, raw) for position, raw in found[KEY_EVENTS].items()},
            {
                position: text_of(raw, f"第 {position} 号的证明")
                for position, raw in found[PROOFS].items()
            },
        )

    def json(self, name: str) -> dict[str, Any]:
        """The object in one of the files; raises Unsound."""
        return json_object(self.files[name], name)

    def text(self, name: str) -> str:
        """The text of one of the files; raises Unsound."""
        return text_of(self.files[name], name)

    def note(self, name: str) -> Note:
        """The signed note in one of the files. Raises Unsound, MalformedNote."""
        text = self.text(name)
        note = Note.parse(text)
        if str(note) != text:
            raise Unsound(f"{name} 不是规范的写法")
        return note


def text_of(raw: bytes, name: str) -> str:
    """UTF-8, or Unsound."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unsound(f"{name} 不是 UTF-8 文本") from None


def json_object(raw: bytes, name: str) -> dict[str, Any]:
    """The object that these bytes are the one canonical form of; raises Unsound."""
    try:
        value = json.loads(raw.decode(), parse_float=_no_number, parse_constant=_no_number)
        exact = canonical(value) == raw
    except (ValueError, RecursionError):
        exact, value = False, None
    if not exact or not isinstance(value, dict):
        raise Unsound(f"{name} 不是规范的 JSON")
    return value


def stored_event(position: int, raw: bytes) -> StoredEvent:
    """The event in these bytes; raises Unsound unless it has the envelope of one."""
    content = json_object(raw, f"第 {position} 号")
    match content:
        case {
            "actor": {"organisation_id": str(), "person": str(), "role": str()},
            "data": dict(),
            "event_id": str(),
            "occurred_at": str(occurred_at),
            "recorded_at": str(recorded_at),
            "type": str(),
            "version": int(),
        }:
            moment_of(occurred_at)
            moment_of(recorded_at)
            return StoredEvent(position, raw, content)
    raise Unsound(f"第 {position} 号不是一条记录")


def moment_of(text: object) -> datetime:
    """A moment with its offset; raises Unsound."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unsound(f"时间 {text!r:.60}")
    return found


def sha256_of(raw: bytes) -> str:
    """In hexadecimal."""
    return sha256(raw).hexdigest()


def listed(positions: Iterable[int]) -> str:
    """Positions for people to read, the first dozen of them."""
    found = sorted(positions)
    more = f" 等共 {len(found)} 条" if len(found) > 12 else ""
    return "、".join(f"第 {each} 号" for each in found[:12]) + more


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"no whole number: {text[:20]}")
