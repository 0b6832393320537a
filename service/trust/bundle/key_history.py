"""Organisations' keys in a bundle: their own ones as the log tells of them, with proofs like any
other event; those the service holds for them as the seal says.

The history ends where the evidence does. That a key was distrusted later, with effect from before,
is told by ``GET /organisations/{id}/signing-keys``.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from service.trust.bundle.reading import KEYS, Contents, StoredEvent, Unsound, moment_of
from service.trust.verification import PublicKey, jwk, thumbprint

_MOST_KEYS = 50
"""Of one organisation; looking through them is done for each of its signatures."""


def bundled_keys(contents: Contents) -> dict[str, list[PublicKey]]:
    """The keys of each organisation; Unsound unless the own ones are those the log tells of."""
    items = contents.json(KEYS).get("items")
    if not isinstance(items, list):
        raise Unsound("公钥清单的格式不对")
    own = [each for each in items if isinstance(each, dict) and each.get("held_by") != "service"]
    if own != own_keys(contents.key_events[each] for each in sorted(contents.key_events)):
        raise Unsound("单位自己的公钥与日志所载不符")
    keys: dict[str, list[PublicKey]] = defaultdict(list)
    for item in items:
        match item:
            case {
                "organisation_id": str(),
                "public_key": dict(),
                "held_by": "organisation" | "service",
            }:
                for name in ("valid_from", "valid_until", "distrusted_since"):
                    if item.get(name) is not None:
                        moment_of(item[name])
                key = PublicKey.of(item)
                keys[key.organisation_id].append(key)
            case _:
                raise Unsound("公钥清单的格式不对")
    if any(len(each) > _MOST_KEYS for each in keys.values()):
        raise Unsound("一个组织的公钥过多")
    return keys


def own_keys(events: Iterable[StoredEvent]) -> list[dict[str, Any]]:
    """The keys that were ever approved, by these events about keys in the order of the log.

    In the form of ``GET /organisations/{id}/signing-keys``. Raises Unsound.
    """
    proposed: dict[str, tuple[str, str]] = {}
    approved: dict[str, dict[str, Any]] = {}
    for event in events:
        data = event.data
        key_id = str(data.get("signing_key_id"))
        match event.type:
            case "SigningKeyProposed":
                proposed[key_id] = str(data.get("organisation_id")), str(data.get("public_key"))
            case "SigningKeyApproved" if key_id in proposed:
                organisation_id, x = proposed[key_id]
                if thumbprint(x) != key_id:
                    raise Unsound(f"第 {event.position} 号的密钥标识与公钥不符")
                if replaced := approved.get(str(data.get("replaces"))):
                    replaced["valid_until"] = data.get("valid_from")
                approved[key_id] = service_key(organisation_id, x) | {
                    "held_by": "organisation",
                    "valid_from": data.get("valid_from"),
                    "valid_until": data.get("valid_until"),
                }
            case "SigningKeyRevoked":
                # One that was never approved is no key of anybody's.
                if key_id in approved:
                    approved[key_id]["distrusted_since"] = data.get("distrusted_since")
            case _:
                raise Unsound(f"第 {event.position} 号不是关于密钥的记录")
    return list(approved.values())


def service_key(organisation_id: str, x: str) -> dict[str, Any]:
    """The key that the service holds for an organisation, in the same form."""
    return {
        "organisation_id": organisation_id,
        "public_key": jwk(x),
        "held_by": "service",
        "valid_from": None,
        "valid_until": None,
        "distrusted_since": None,
    }
