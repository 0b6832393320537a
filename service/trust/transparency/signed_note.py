"""Signed notes (c2sp.org/signed-note): a text and signature lines below it, by named keys.

Which key made a line is told by its name and id; lines of unknown keys are ignored, so that keys
can be changed and others can countersign. The type byte says what a key's signatures are over; this
module knows plain Ed25519, others bring a `Verifier` of their own.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature as _Mismatch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PLAIN_ED25519 = 0x01
_DERIVED_IDS = frozenset({PLAIN_ED25519, 0x04, 0x06})
"""Types whose key id is a hash of name, type and key by their specification."""

_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
_MOST_SIGNATURES = 64
LONGEST_NOTE = 64 * 1024
"""Characters that are looked at; a note of ours has a few hundred."""


class MalformedNote(ValueError):
    """不是有效的签名文本"""


class MalformedKey(ValueError):
    """不是有效的密钥"""


class InvalidSignature(ValueError):
    """签名不成立"""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name: what a signature line refers to."""

    name: str
    id: bytes
    type: int
    public: bytes

    @classmethod
    def of(cls, name: str, type_: int, public: bytes) -> Self:
        """The key with the id that follows from the rest. Raises MalformedKey on a bad name."""
        if not _is_name(name):
            raise MalformedKey(f"{MalformedKey.__doc__}：名称不得为空，不得含空格或加号")
        digest = hashlib.sha256(name.encode() + b"\n" + bytes([type_]) + public).digest()
        return cls(name, digest[:4], type_, public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a verifier key, ``name+id+base64``. Raises MalformedKey."""
        name, id_, data = _key_parts(text)
        key = cls.of(name, data[0], data[1:])
        if key.type not in _DERIVED_IDS:
            return cls(name, id_, key.type, key.public)
        if key.id != id_:
            raise MalformedKey(f"{MalformedKey.__doc__}：{name} 的标识与公钥不符")
        return key

    def __str__(self) -> str:
        data = b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{data}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """From a line without its newline. Raises MalformedNote."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        data = decoded_base64(encoded)
        if not (line.startswith(_DASH) and space and _is_name(name)) or not data or len(data) < 5:
            raise MalformedNote(f"{MalformedNote.__doc__}：签名行")
        return cls(name, data[:4], data[4:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.value).decode()}\n"


class Verifier(Protocol):
    """Checks the signatures of one key."""

    @property
    def key(self) -> Key: ...

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this is the key's signature on a note's text."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, note: str) -> Self:
        """Splits a note into its parts; nothing is verified. Raises MalformedNote."""
        if len(note) > LONGEST_NOTE or any(ch < " " and ch != "\n" for ch in note):
            raise MalformedNote(f"{MalformedNote.__doc__}：过长或含控制字符")
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise MalformedNote(f"{MalformedNote.__doc__}：没有签名")
        signatures = lines.removesuffix("\n").split("\n")
        if len(signatures) > _MOST_SIGNATURES:
            raise MalformedNote(f"{MalformedNote.__doc__}：签名过多")
        return cls(text + "\n", tuple(map(Signature.parse, signatures)))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def with_signatures(self, signatures: Iterable[Signature]) -> "Note":
        """The note with these signatures as well."""
        return Note(self.text, (*self.signatures, *signatures))

    def verified(self, verifiers: Iterable[Verifier]) -> list[Signature]:
        """The signatures made by these keys, in the note's order; may be none.

        Raises InvalidSignature if one claims to be of such a key and is not. Others are ignored.
        """
        known = {(each.key.name, each.key.id): each for each in verifiers}
        found = []
        for signature in self.signatures:
            verifier = known.get((signature.name, signature.key_id))
            if verifier is None:
                continue
            if not verifier.verifies(self.text, signature.value):
                raise InvalidSignature(f"{InvalidSignature.__doc__}：{signature.name}")
            found.append(signature)
        return found


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """Plain Ed25519 over the text. Raises MalformedKey for a key of another kind."""

    key: Key

    def __post_init__(self) -> None:
        if self.key.type != PLAIN_ED25519 or len(self.key.public) != 32:
            raise MalformedKey(f"{MalformedKey.__doc__}：须为 Ed25519 公钥（0x01）")

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this is the key's signature on the text."""
        return ed25519_verifies(self.key.public, text.encode(), signature)


class Ed25519Signer:
    """A private Ed25519 key with its name; ``type_`` says what its signatures are over."""

    def __init__(self, name: str, private: Ed25519PrivateKey, type_: int = PLAIN_ED25519) -> None:
        self._private = private
        self.key = Key.of(name, type_, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, type_: int = PLAIN_ED25519) -> Self:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate(), type_)

    @classmethod
    def parse(cls, text: str, type_: int = PLAIN_ED25519) -> Self:
        """From ``PRIVATE+KEY+name+id+base64``, of this type. Raises MalformedKey."""
        name, id_, data = _key_parts(text.removeprefix(_PRIVATE))
        if not text.startswith(_PRIVATE) or data[0] != type_ or len(data) != 33:
            raise MalformedKey(f"{MalformedKey.__doc__}：须为 Ed25519 私钥（{type_:#04x}）")
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(data[1:]), type_)
        if signer.key.id != id_:
            raise MalformedKey(f"{MalformedKey.__doc__}：{name} 的标识与私钥不符")
        return signer

    def secret(self) -> str:
        """The private key as text, to be kept in a file that nobody else can read."""
        data = b64encode(bytes([self.key.type]) + self._private.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.key.name}+{self.key.id.hex()}+{data}"

    def sign(self, text: str) -> Signature:
        """The signature on a note's text."""
        return Signature(self.key.name, self.key.id, self.sign_bytes(text.encode()))

    def sign_bytes(self, message: bytes) -> bytes:
        """The bare signature on a message that another format defines."""
        return self._private.sign(message)


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is an Ed25519 signature on the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (_Mismatch, ValueError):
        return False
    return True


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(ch.isspace() or ch < " " for ch in name)


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    name, plus, rest = text.strip().partition("+")
    id_, _, encoded = rest.partition("+")
    data = decoded_base64(encoded)
    if not plus or not data or len(data) < 2 or len(id_) != 8:
        raise MalformedKey(f"{MalformedKey.__doc__}：格式应为 名称+标识+Base64")
    try:
        return name, bytes.fromhex(id_), data
    except ValueError:
        raise MalformedKey(f"{MalformedKey.__doc__}：标识须为八位十六进制") from None


def decoded_base64(encoded: str) -> bytes | None:
    """Base64 in its one canonical form; None for anything else."""
    try:
        data = b64decode(encoded, validate=True)
    except ValueError:
        return None
    return data if b64encode(data).decode() == encoded else None
