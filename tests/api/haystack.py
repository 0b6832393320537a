"""Everything a database and a service hold, to look for texts in it.

Besides the clear text every sealed text is opened for which the database has a key, with the master
key at hand: what is then not found is found by nobody.
"""

import io
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator

import asyncpg
from cryptography.exceptions import InvalidTag

from service.domain.event import EVENTS
from service.trust.crypto.profile import SealingKey, sealed_with
from service.trust.keyring import SEALED
from service.trust.master_key import MasterKey

_TOKEN = re.compile(SEALED.encode() + rb"((?:sm4-gcm:)?)([A-Za-z0-9+/=]+)")
_BYTES = re.compile(rb"\\\\x((?:[0-9a-f]{2})+)")


async def tables(owner_url: str) -> dict[str, bytes]:
    """The rows of every table and sequence, as COPY gives them to a dump.

    Bytes, which COPY writes in hexadecimal, follow as they are.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        names = await connection.fetch(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm', 'p', 'S') AND c.relpersistence <> 't'"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            " ORDER BY 1"
        )
        found = {}
        for (name,) in names:
            rows = io.BytesIO()
            await connection.copy_from_query(f"SELECT * FROM {name}", output=rows)  # noqa: S608 - names from the catalogue
            text = rows.getvalue()
            stored = b"\n".join(bytes.fromhex(each.decode()) for each in _BYTES.findall(text))
            found[name] = text + b"\n" + stored
        # What the server knows of statements, plans and columns' frequent values.
        for name in ("pg_stats", "pg_stat_activity", "pg_prepared_statements"):
            rows = io.BytesIO()
            await connection.copy_from_query(f"SELECT t::text FROM {name} t", output=rows)  # noqa: S608 - named above
            found[name] = rows.getvalue()
        return found
    finally:
        await connection.close()


async def opened(owner_url: str, master: MasterKey, places: Iterable[bytes]) -> list[str]:
    """Every sealed text in these places that a key in the database opens."""
    connection = await asyncpg.connect(owner_url)
    rows = await connection.fetch("SELECT member_id, purpose, wrapped FROM keys.member_keys")
    await connection.close()
    wrap = master.sealing_key("member-keys")
    keys = []
    for member_id, purpose, wrapped in rows:
        if wrapped is not None:
            profile, raw = sealed_with(wrapped)
            key = wrap.open(raw, _place(member_id, purpose, "key"))
            keys.append((member_id, purpose, SealingKey(profile.sealing, key)))
    tokens = {token for place in places for _, token in _TOKEN.findall(place)}
    return [text for token in tokens for text in _texts(b64decode(token + b"==="), keys)]


def _texts(sealed: bytes, keys: list[tuple[str, str, SealingKey]]) -> Iterator[str]:
    for member_id, purpose, key in keys:
        for field in _FIELDS[purpose]:
            try:
                yield key.open(sealed, _place(member_id, purpose, field)).decode()
            except InvalidTag:
                continue
            return


def _place(member_id: str, purpose: str, field: str) -> bytes:
    return f"{member_id}\x1f{purpose}\x1f{field}".encode()


_FIELDS: dict[str, set[str]] = {}
for _event in EVENTS.values():
    for _name, _purpose in _event.personal.items():
        _FIELDS.setdefault(_purpose, set()).add(_name)


def holding(places: dict[str, bytes], texts: Iterable[str]) -> dict[str, list[str]]:
    """Which texts each place holds, as UTF-8 or escaped for JSON."""
    found = {}
    for place, content in places.items():
        held = [text for text in texts if any(form in content for form in _forms(text))]
        if held:
            found[place] = held
    return found


def _forms(text: str) -> set[bytes]:
    return {text.encode(), text.encode("ascii", "backslashreplace")}
