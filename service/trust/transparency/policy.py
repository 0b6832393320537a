"""Trust policies (c2sp.org/tlog-policy): whose word makes a checkpoint count.

A file of lines: the logs that are known, the witnesses, groups of them, and the quorum::

    log     <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group   <name> all|any|<k> <name>...
    quorum  <name>|none

Everybody who checks a checkpoint, the log itself included, goes by such a file of their own. Beside
its Ed25519 key a log may be named with one of SM2: then both must have signed.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Self

from service.trust.transparency.cosignature import CosignatureVerifier
from service.trust.transparency.signed_note import Ed25519Verifier, Key, Note, Verifier
from service.trust.transparency.sm2_verifier import NO_ASSIGNED_TYPE, Sm2Verifier

NO_QUORUM = "none"
"""The quorum that needs no witness."""

_BLANKS = re.compile(r"[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class UnusablePolicy(ValueError):
    """信任策略无法使用"""

    def __init__(self, words: str, line: int | None = None) -> None:
        where = "" if line is None else f"第 {line} 行，"
        super().__init__(f"{self.__doc__}：{where}{words}")
        self.line = line


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log whose signature counts; its key has the log's origin as its name."""

    verifier: Ed25519Verifier | Sm2Verifier
    url: str | None = None

    @classmethod
    def by(cls, key: Key, url: str | None = None) -> Self:
        """The log with this key. Raises MalformedKey."""
        verifier = Sm2Verifier if key.type == NO_ASSIGNED_TYPE else Ed25519Verifier
        return cls(verifier(key), url)


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness whose cosignature counts; ``name`` means something within the policy only."""

    name: str
    verifier: CosignatureVerifier
    url: str | None = None
    """Where checkpoints are submitted; none: for checking alone."""


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed a checkpoint when ``threshold`` of its members have."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy has to say about a note that verified."""

    signed_by: tuple[Key, ...]
    """The log's keys of the policy that signed it."""
    witnessed_by: tuple[str, ...]
    """The witnesses that cosigned it, by their names in the policy."""
    quorum_met: bool
    valid: bool
    """Signed by a log of the policy (where it names any) and witnessed by a quorum."""


@dataclass(frozen=True)
class Policy:
    """Which logs and witnesses are known, and which of the latter are enough."""

    logs: tuple[KnownLog, ...] = ()
    witnesses: tuple[KnownWitness, ...] = ()
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NO_QUORUM

    @classmethod
    def load(cls, path: Path) -> Self:
        """From a file. Raises UnusablePolicy, OSError."""
        return cls.parse(path.read_bytes())

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """From the content of a file. Raises UnusablePolicy, which names the line at fault."""
        reader = _Reader()
        # Octets beyond ASCII are opaque, in whatever encoding: they come out as they went in.
        text = content.decode("utf-8", "surrogateescape")
        for number, line in enumerate(text.split("\n"), start=1):
            try:
                reader.read(line)
            except ValueError as error:
                raise UnusablePolicy(str(error), number) from error
        if reader.quorum is None:
            raise UnusablePolicy("缺少 quorum 行")
        return cls(
            tuple(reader.logs), tuple(reader.witnesses.values()), reader.groups, reader.quorum
        )

    def met(self, witnessed_by: Collection[str]) -> bool:
        """Whether these witnesses, by their names in the policy, are a quorum."""
        return self.quorum == NO_QUORUM or self._witnessed(self.quorum, witnessed_by)

    def judge(self, note: Note) -> Judgement:
        """Who signed a checkpoint, of those that the policy knows, and whether that suffices.

        Raises InvalidSignature if a line claims to be of a known key and is not.
        """
        # A log speaks for its own origin only.
        origin = note.text.partition("\n")[0]
        logs = [each.verifier for each in self.logs if each.verifier.key.name == origin]
        known: list[Verifier] = [*logs, *(each.verifier for each in self.witnesses)]
        made = {(each.name, each.key_id) for each in note.verified(known)}
        signed = tuple(each.key for each in logs if (each.key.name, each.key.id) in made)
        witnessed = tuple(
            each.name
            for each in self.witnesses
            if (each.verifier.key.name, each.verifier.key.id) in made
        )
        met = self.met(witnessed)
        # Of each kind one is enough: a key that was changed may be named beside the old one.
        lacking = {each.key.type for each in logs} - {each.type for each in signed}
        return Judgement(
            signed, witnessed, met, met and not lacking and (bool(signed) or not self.logs)
        )

    def _witnessed(self, name: str, by: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in by
        # A group names only what was defined before it: there are no circles.
        return sum(self._witnessed(each, by) for each in group.members) >= group.threshold


class _Reader:
    """Reads line by line; what is wrong with a line is a ValueError."""

    def __init__(self) -> None:
        self.logs: list[KnownLog] = []
        self.witnesses: dict[str, KnownWitness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()
        self._lines: dict[str, Callable[..., None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }

    def read(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise ValueError("含控制字符（行尾只能是 LF）")
        words = [word for word in _BLANKS.split(line) if word]
        if not words or words[0].startswith("#"):
            return
        read = self._lines.get(words[0])
        if read is None:
            raise ValueError(f"不认识 {words[0]}；可用 log、witness、group、quorum")
        try:
            items = signature(read).bind(*words[1:])
        except TypeError:
            raise ValueError(f"{words[0]} 行的项数不对") from None
        read(*items.args)

    def _log(self, vkey: str, url: str | None = None, /) -> None:
        log = KnownLog.by(Key.parse(vkey), url)
        if any(each.verifier.key.public == log.verifier.key.public for each in self.logs):
            raise ValueError("日志公钥重复")
        self.logs.append(log)

    def _witness(self, name: str, vkey: str, url: str | None = None, /) -> None:
        self._require_new(name)
        verifier = CosignatureVerifier(Key.parse(vkey))
        for each in self.witnesses.values():
            # Whoever has two names would count twice.
            if each.verifier.key.public == verifier.key.public:
                raise ValueError(f"见证公钥重复：与 {each.name} 相同")
        self.witnesses[name] = KnownWitness(name, verifier, url)

    def _group(self, name: str, threshold: str, first: str, /, *others: str) -> None:
        self._require_new(name)
        members = (first, *others)
        for each in members:
            self._require_defined(each)
            if each in self._members:
                raise ValueError(f"{each} 已是某个组的成员，只能归入一处")
            self._members.add(each)
        self.groups[name] = Group(_threshold(threshold, len(members)), members)

    def _quorum(self, name: str, /) -> None:
        if self.quorum is not None:
            raise ValueError("quorum 行只能有一行")
        if name != NO_QUORUM:
            self._require_defined(name)
        self.quorum = name

    def _require_new(self, name: str) -> None:
        if name == NO_QUORUM:
            raise ValueError(f"{NO_QUORUM} 有专门含义，不能作名称")
        if name in self.witnesses or name in self.groups:
            raise ValueError(f"名称 {name} 重复")

    def _require_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise ValueError(f"{name} 没有在前面定义")


def _threshold(text: str, members: int) -> int:
    if text in {"any", "all"}:
        return 1 if text == "any" else members
    if not (text.isascii() and text.isdigit()):
        raise ValueError("组的门槛须为 all、any 或一个十进制数")
    if not 1 <= int(text) <= members:
        raise ValueError(f"组的门槛须在 1 与成员数 {members} 之间")
    return int(text)
