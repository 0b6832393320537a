"""Names and texts are opened here, with the member's key, at the moment of reading."""

from collections.abc import Iterable, Iterator
from typing import Any

from service.projections.sealed_object import SealedObject
from service.trust.keyring import SEALED, KeyDestroyed, KeyRing

DESTROYED = "（已销毁）"
"""What stands in place of what nobody can read any more (R40)."""
_IDENTITY, _ASSESSMENT = "identity", "assessment"
_SEALED_AS = {
    "name": (_IDENTITY, "name"),
    "phone": (_IDENTITY, "phone"),
    "contact_phone": (_IDENTITY, "phone"),
    "residence": (_IDENTITY, "residence"),
    "content": (_ASSESSMENT, "content"),
    "comment": (_ASSESSMENT, "comment"),
    "note": (_ASSESSMENT, "note"),
    "reason": (_ASSESSMENT, "reason"),
}
"""Under which key and as which field of its event a view's field was sealed."""


async def open_all(keyring: KeyRing, members: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Opens, in place, every sealed text in what is said about each member."""
    members = list(members)
    await keyring.load({(member, purpose) for member, _ in members
                        for purpose in (_IDENTITY, _ASSESSMENT)})  # fmt: skip
    for member_id, answer in members:
        for document in _documents(answer):
            for name, value in document.items():
                if isinstance(value, str) and value.startswith(SEALED) and name in _SEALED_AS:
                    document[name] = _opened(keyring, member_id, name, value)


async def open_object(
    keyring: KeyRing, member_id: str, content: SealedObject, **more: object
) -> bytes:
    """The JSON of an object about one member, every sealed text in it opened, with more fields."""
    await keyring.load([(member_id, _IDENTITY), (member_id, _ASSESSMENT)])

    def opening(name: str, sealed: str) -> str:
        return _opened(keyring, member_id, name, sealed) if name in _SEALED_AS else sealed

    return content.opened(opening, **more)


def _opened(keyring: KeyRing, member_id: str, name: str, sealed: str) -> str:
    purpose, field = _SEALED_AS[name]
    try:
        return keyring.open(member_id, purpose, field, sealed)
    except KeyDestroyed:
        return DESTROYED


def _documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _documents(each)
    elif isinstance(value, list):
        for each in value:
            yield from _documents(each)
