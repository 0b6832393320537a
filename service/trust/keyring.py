"""Keys: the master key outside the database, and under it one key per member and purpose (R40).

A member's personal fields are sealed under keys of their own, with AES-256-GCM or, where 国密 was
chosen, with SM4-GCM; the database holds those keys only wrapped by the master key. Destroying a
member's keys therefore erases the person while the log stays whole, and a copy of the database
alone tells nobody's name.

A key is active, restricted or destroyed, as the log demands (migrations/0008_erasure.sql). While it
is restricted decisions go on and seal what they must, and readings are closed, except for what the
law keeps open (`LawfulReading`).
"""

import os
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

import asyncpg
from cryptography.exceptions import InvalidTag

from service.together import Together
from service.trust.crypto.profile import PROFILES, SealingKey, sealed_with
from service.trust.master_key import AnotherProfile, MasterKey, UnusableMasterKey
from service.trust.signatures import ServiceKeys

SEALED = "sealed:"
"""How a sealed field begins, so that clear text in its place is noticed."""
PURPOSES = ("identity", "assessment")
"""What a member has a key of their own for."""


class KeyDestroyed(LookupError):
    """密钥已销毁：该党员的个人信息不可恢复"""


class KeyRestricted(LookupError):
    """个人信息已限制处理：只保存，不提供查阅"""


class LawfulReading(StrEnum):
    """查阅事由: what restricted personal data may still be read for; ``word`` is what people read.

    The person's own right to see and copy what is kept about them, and the demand of a court, the
    procuratorate or the discipline inspection in a proceeding. Nothing else, also not the daily
    work that the data was collected for.
    """

    SUBJECT_RIGHTS = "subject_rights"
    LEGAL_PROCEEDING = "legal_proceeding"

    @property
    def word(self) -> str:
        return {
            "subject_rights": "本人行使查阅、复制的权利",
            "legal_proceeding": "司法、纪检监察机关依法调取",
        }[self.value]


class KeyStanding(NamedTuple):
    """A key as the database has it: for which purpose, and what became of it."""

    purpose: str
    state: str
    """active, restricted or destroyed."""
    fingerprint: bytes | None
    """SHA-256 of the wrapped key; None where none was ever made."""
    destroyed_at: datetime | None


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
        self._wraps = {
            name: master.under(profile).sealing_key("member-keys")
            for name, profile in PROFILES.items()
        }
        self._person = master.keyed_hash("person")
        self.service_keys = ServiceKeys(master)
        """What the service signs with for organisations that have no key of their own."""
        self._master = master
        self.profile = master.profile
        """The algorithms of what is made from now on."""
        self._keys: OrderedDict[tuple[str, str], SealingKey] = OrderedDict()
        self._restricted: set[str] = set()
        self._forgotten = 0
        """How often something was forgotten: what was asked before that may be out of date."""
        self._size = size
        self._together = Together(self._fetch)

    async def check(self) -> None:
        """Raises UnusableMasterKey if the database belongs to another master key or profile."""
        await self._connections.execute(
            "INSERT INTO keys.master (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING",
            self._master.fingerprint,
        )
        found = await self._connections.fetchval("SELECT fingerprint FROM keys.master")
        if found == self._master.fingerprint:
            return
        for name, profile in PROFILES.items():
            if found == self._master.under(profile).fingerprint:
                raise AnotherProfile(
                    f"{AnotherProfile.__doc__}：该数据库选用的是{profile.word}"
                    f"（CRYPTO_PROFILE={name}），现设置为{self.profile.word}"
                )
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
        kept = False
        while not kept:
            kept = await self._take(
                "SELECT member_id, purpose, wrapped, state FROM keys.member_keys"
                " WHERE (member_id, purpose) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
                " AND wrapped IS NOT NULL",
                [member for member, _ in wanted],
                [purpose for _, purpose in wanted],
            )
        return [None] * len(asked)

    async def ensure(self, keys: Iterable[tuple[str, str]]) -> None:
        """Fetches the keys, making those that do not exist yet and were never destroyed."""
        keys = set(keys)
        await self.load(keys)
        if wanted := sorted(self.missing(keys)):
            await self._take(
                # Somebody else may have made one meanwhile: theirs counts. A new key of a member
                # whose data is restricted is restricted as well.
                "WITH made AS ("
                "  INSERT INTO keys.member_keys (member_id, purpose, wrapped, state)"
                "  SELECT n.member_id, n.purpose, n.wrapped, coalesce((SELECT k.state"
                "    FROM keys.member_keys k"
                "    WHERE k.member_id = n.member_id AND k.state = 'restricted' LIMIT 1), 'active')"
                "  FROM unnest($1::text[], $2::text[], $3::bytea[]) n(member_id, purpose, wrapped)"
                "  ON CONFLICT DO NOTHING RETURNING member_id, purpose, wrapped, state)"
                " SELECT member_id, purpose, wrapped, state FROM made",
                [member for member, _ in wanted],
                [purpose for _, purpose in wanted],
                [self._wrapped(*key) for key in wanted],
            )
            await self.load(wanted)

    def forget(self, member_id: str) -> None:
        """Lets go of a member's keys: the database says from now on whether there are any."""
        self._forgotten += 1
        self._restricted.discard(member_id)
        for purpose in PURPOSES:
            self._keys.pop((member_id, purpose), None)

    async def follow_erasures(self, member_id: str) -> list[KeyStanding]:
        """Has the database bring the member's keys to the state that the log demands.

        Raises asyncpg.ObjectNotInPrerequisiteStateError for an erasure that must not be.
        """
        return [
            KeyStanding(*row)
            for row in await self._connections.fetch(
                "SELECT * FROM keys.follow_erasures($1)", member_id
            )
        ]

    async def standing(self, member_ids: Iterable[str]) -> dict[str, list[KeyStanding]]:
        """The keys of these members as the database has them; of those who have any."""
        found: dict[str, list[KeyStanding]] = {}
        for member_id, *key in await self._connections.fetch(
            "SELECT member_id, purpose, state, coalesce(fingerprint, sha256(wrapped)), destroyed_at"
            " FROM keys.member_keys WHERE member_id = ANY ($1) ORDER BY member_id, purpose",
            list(member_ids),
        ):
            found.setdefault(member_id, []).append(KeyStanding(*key))
        return found

    def seal(self, member_id: str, purpose: str, field: str, text: str) -> str:
        """The sealed form of a field of this member; KeyDestroyed if the key is not at hand."""
        key = self._key(member_id, purpose)
        sealed = key.seal(text.encode(), _place(member_id, purpose, field))
        return f"{SEALED}{key.sealing.mark.decode()}{b64encode(sealed).decode()}"

    def open(
        self,
        member_id: str,
        purpose: str,
        field: str,
        sealed: str,
        lawful: LawfulReading | None = None,
    ) -> str:
        """The clear text; KeyDestroyed where there is no key, ValueError for a forged field.

        KeyRestricted where the member's data is restricted and the reading is not ``lawful``.
        """
        if not sealed.startswith(SEALED):
            raise ValueError("not a sealed field")
        if lawful is None and member_id in self._restricted:
            raise KeyRestricted(member_id)
        profile, raw = sealed_with(sealed[len(SEALED) :].encode())
        key = self._key(member_id, purpose)
        if key.sealing is not profile.sealing:
            raise ValueError("a field was sealed with another algorithm than the member's key has")
        try:
            return key.open(b64decode(raw), _place(member_id, purpose, field)).decode()
        except InvalidTag as error:
            raise ValueError("a sealed field was altered or belongs elsewhere") from error

    def person_hash(self, id_number: str) -> str:
        """A keyed hash of an ID number: equal for the same person, telling nobody the number."""
        return self._person(id_number.strip().upper().encode()).hex()[:32]

    def _key(self, member_id: str, purpose: str) -> SealingKey:
        try:
            return self._keys[member_id, purpose]
        except KeyError:
            raise KeyDestroyed(member_id) from None

    async def _take(self, query: str, *args: object) -> bool:
        """Keeps the keys that a statement gives; False if they may be out of date by now."""
        forgotten = self._forgotten
        rows = await self._connections.fetch(query, *args)
        if forgotten != self._forgotten:
            return False
        self._keep(rows)
        return True

    def _keep(self, rows: Iterable[asyncpg.Record]) -> None:
        for row in rows:
            member_id, purpose, wrapped = row["member_id"], row["purpose"], row["wrapped"]
            profile, raw = sealed_with(wrapped)
            try:
                key = self._wraps[profile.name].open(raw, _place(member_id, purpose, "key"))
            except InvalidTag as error:
                raise UnusableMasterKey("主密钥与该数据库所用的不一致") from error
            self._keys[member_id, purpose] = SealingKey(profile.sealing, key)
            if row["state"] == "restricted":
                self._restricted.add(member_id)
        while len(self._keys) > self._size:
            self._keys.popitem(last=False)

    def _wrapped(self, member_id: str, purpose: str) -> bytes:
        """A new key, wrapped."""
        sealing = self.profile.sealing
        wrap = self._wraps[self.profile.name]
        fresh = os.urandom(sealing.key_size)
        return sealing.mark + wrap.seal(fresh, _place(member_id, purpose, "key"))


def _place(member_id: str, purpose: str, field: str) -> bytes:
    # Authenticated with the ciphertext: a sealed name moved to another member does not open.
    return f"{member_id}\x1f{purpose}\x1f{field}".encode()
