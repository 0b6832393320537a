"""Keys: the master key outside the database, and under it one key per member and purpose (R40).

A member's personal fields are sealed with AES-256-GCM under keys of their own; the database holds
those keys only wrapped by the master key. Destroying a member's keys therefore erases the person
while the log stays whole, and a copy of the database alone tells nobody's name.
"""

import binascii
import os
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Protocol

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.together import Together

SEALED = "sealed:"
"""How a sealed field begins, so that clear text in its place is noticed."""
_NONCE = 12


class UnusableMasterKey(ValueError):
    """主密钥不可用：须为 32 字节的十六进制或 Base64 编码，且与数据库所用的一致"""


class KeyDestroyed(LookupError):
    """密钥已销毁：该党员的个人信息不可恢复"""


class MasterKey:
    """The secret from which everything else is derived; it never enters the database."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise UnusableMasterKey(f"主密钥须为 32 字节，现为 {len(secret)} 字节")
        self._secret = secret

    @classmethod
    def passing(cls) -> "MasterKey":
        """One that nobody will know again: for logs that keep no personal data."""
        return cls(os.urandom(32))

    @classmethod
    def of_text(cls, text: str) -> "MasterKey":
        """From 64 hexadecimal digits or Base64; raises UnusableMasterKey."""
        text = text.strip()
        try:
            return cls(bytes.fromhex(text) if len(text) == 64 else b64decode(text, validate=True))
        except (ValueError, binascii.Error) as error:
            # Never repeat what was given: it may be a key with a typing error.
            raise UnusableMasterKey(str(UnusableMasterKey.__doc__)) from error

    @classmethod
    def load_or_create(cls, path: Path) -> "MasterKey":
        """From a file that only its owner may read, made on first use; raises UnusableMasterKey."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(os.urandom(32).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the file exists, so of two first starts one key wins for both.
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return cls.of_text(path.read_text())

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key of its own for one purpose (HKDF-SHA-256)."""
        return HKDF(SHA256(), length, salt=None, info=f"eighthours/{purpose}".encode()).derive(
            self._secret
        )

    @property
    def fingerprint(self) -> bytes:
        """Tells two master keys apart without saying anything about them."""
        return self.derive("fingerprint", 16)


class Connections(Protocol):
    """What a key ring needs of asyncpg: a pool or a connection."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...
    async def fetchval(self, query: str, *args: object) -> object: ...
    async def execute(self, query: str, *args: object) -> str: ...


class KeyRing:
    """Seals and opens personal fields; keys of members come from the database, wrapped.

    `ensure` or `load` first (they ask the database), then `seal` and `open` are plain
    computations of about a microsecond.
    """

    def __init__(self, connections: Connections, master: MasterKey, size: int = 200_000) -> None:
        self._connections = connections
        self._wrap = AESGCM(master.derive("member-keys"))
        self._person = master.derive("person")
        self._master = master
        self._keys: OrderedDict[tuple[str, str], AESGCM] = OrderedDict()
        self._size = size
        self._together = Together(self._fetch)

    async def check(self) -> None:
        """Raises UnusableMasterKey if the database belongs to another master key."""
        await self._connections.execute(
            "INSERT INTO keys.master (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING",
            self._master.fingerprint,
        )
        if await self._connections.fetchval("SELECT fingerprint FROM keys.master") != (
            self._master.fingerprint
        ):
            raise UnusableMasterKey("主密钥与该数据库所用的不一致")

    def missing(self, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the keys (member, purpose) that are not at hand."""
        return {key for key in keys if key not in self._keys}

    async def load(self, keys: Iterable[tuple[str, str]]) -> None:
        """Fetches the keys that exist; members whose keys were destroyed are passed over."""
        if wanted := self.missing(keys):
            await self._together.ask(wanted)

    async def _fetch(self, asked: Sequence[set[tuple[str, str]]]) -> Sequence[None]:
        wanted = sorted(set().union(*asked))
        self._keep(
            await self._connections.fetch(
                "SELECT member_id, purpose, wrapped FROM keys.member_keys"
                " WHERE (member_id, purpose) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
                [member for member, _ in wanted],
                [purpose for _, purpose in wanted],
            )
        )
        return [None] * len(asked)

    async def ensure(self, keys: Iterable[tuple[str, str]]) -> None:
        """Fetches the keys, making those that do not exist yet."""
        keys = set(keys)
        await self.load(keys)
        if wanted := sorted(self.missing(keys)):
            self._keep(
                await self._connections.fetch(
                    # Somebody else may have made one meanwhile: theirs counts.
                    "WITH made AS (INSERT INTO keys.member_keys (member_id, purpose, wrapped)"
                    " SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])"
                    " ON CONFLICT DO NOTHING RETURNING member_id, purpose, wrapped)"
                    " SELECT member_id, purpose, wrapped FROM made",
                    [member for member, _ in wanted],
                    [purpose for _, purpose in wanted],
                    [self._wrapped(*key, AESGCM.generate_key(256)) for key in wanted],
                )
            )
            await self.load(wanted)

    def seal(self, member_id: str, purpose: str, field: str, text: str) -> str:
        """The sealed form of a field of this member; KeyDestroyed if the key is not at hand."""
        nonce = os.urandom(_NONCE)
        key = self._key(member_id, purpose)
        sealed = nonce + key.encrypt(nonce, text.encode(), _bound(member_id, purpose, field))
        return SEALED + b64encode(sealed).decode()

    def open(self, member_id: str, purpose: str, field: str, sealed: str) -> str:
        """The clear text; KeyDestroyed where there is no key, ValueError for a forged field."""
        if not sealed.startswith(SEALED):
            raise ValueError("not a sealed field")
        raw = b64decode(sealed[len(SEALED) :])
        try:
            return (
                self._key(member_id, purpose)
                .decrypt(raw[:_NONCE], raw[_NONCE:], _bound(member_id, purpose, field))
                .decode()
            )
        except InvalidTag as error:
            raise ValueError("a sealed field was altered or belongs elsewhere") from error

    def person_hash(self, id_number: str) -> str:
        """A keyed hash of an ID number: equal for the same person, telling nobody the number."""
        return digest(self._person, id_number.strip().upper().encode(), "sha256").hex()[:32]

    def _key(self, member_id: str, purpose: str) -> AESGCM:
        try:
            return self._keys[member_id, purpose]
        except KeyError:
            raise KeyDestroyed(member_id) from None

    def _keep(self, rows: Iterable[asyncpg.Record]) -> None:
        for row in rows:
            member_id, purpose, wrapped = row["member_id"], row["purpose"], row["wrapped"]
            try:
                key = self._wrap.decrypt(
                    wrapped[:_NONCE], wrapped[_NONCE:], _bound(member_id, purpose, "key")
                )
            except InvalidTag as error:
                raise UnusableMasterKey("主密钥与该数据库所用的不一致") from error
            self._keys[member_id, purpose] = AESGCM(key)
        while len(self._keys) > self._size:
            self._keys.popitem(last=False)

    def _wrapped(self, member_id: str, purpose: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._wrap.encrypt(nonce, key, _bound(member_id, purpose, "key"))


def _bound(member_id: str, purpose: str, field: str) -> bytes:
    # Authenticated with the ciphertext: a sealed name moved to another member does not open.
    return sha256(f"{member_id}\x1f{purpose}\x1f{field}".encode()).digest()
