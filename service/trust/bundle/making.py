"""Makes the bundle of a vetting's evidence: one file, the same bytes each time (R30).

Of plain inputs: what the log and the key ring gave is given to it, and it knows neither.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from service.trust.bundle import reading
from service.trust.bundle.archive import zipped
from service.trust.bundle.key_history import own_keys, service_key
from service.trust.bundle.reading import StoredEvent, sha256_of
from service.trust.bundle.seal import EvidenceSeal
from service.trust.bundle.verifier import verifier
from service.trust.transparency.proof import Proof
from service.trust.transparency.signed_note import Note
from service.trust.verification import canonical

_README = files("service.trust.bundle").joinpath("README.txt").read_bytes()


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A text that was opened for whoever gets the bundle."""

    position: int
    field: str
    text: str
    salt: str | None = None
    """What its digest was salted with, where it has one."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a bundle is made of."""

    frozen: bytes
    """The event `EvidenceFrozen` as it is stored; everything else is as of its position."""
    evidence: bytes
    """In its canonical form."""
    events: Sequence[StoredEvent]
    """Every event about the member, in order."""
    key_events: Sequence[StoredEvent]
    """Those about the keys of the organisations that signed, in order."""
    paths: Mapping[int, Sequence[bytes]]
    """The inclusion path of each, by position."""
    service_keys: Mapping[str, str]
    """The public key that the service holds for each organisation that signed."""
    policy: bytes
    opened: Sequence[OpenedText]
    report: bytes | None = None
    """The printed page."""


def bundle(material: Material, seal: EvidenceSeal) -> bytes:
    """The archive. Raises MalformedArchive where it would be too large, MalformedNote."""
    frozen = json.loads(material.frozen)["data"]
    found = dict(_files(material, frozen, seal))
    manifest = canonical(
        {
            "decision_id": frozen["decision_id"],
            "evidence_id": frozen["evidence_id"],
            "evidence_sha256": sha256_of(material.evidence),
            "files": {name: sha256_of(content) for name, content in found.items()},
            "form": reading.FORM_OF_BUNDLE,
            "member_id": frozen["member_id"],
            "position": frozen["position"],
        }
    )
    sealed = {reading.MANIFEST: manifest, reading.SEAL: seal.over(manifest).encode()}
    return zipped(found | sealed)


def signatories(events: Iterable[StoredEvent]) -> set[str]:
    """The organisations that signed one of these events, or for which it was signed."""
    return {
        str(each.content["actor"]["organisation_id"])
        for each in events
        if each.data.get("signature") is not None
    }


def sealed_texts(events: Iterable[StoredEvent], wanted: set[str]) -> Iterator[tuple[int, str, str]]:
    """Where sealed texts stand in the log: position, field and the text, still sealed."""
    for event in events:
        for name, value in event.data.items():
            if isinstance(value, str) and value in wanted:
                yield event.position, name, value


def _files(
    material: Material, frozen: Mapping[str, Any], seal: EvidenceSeal
) -> Iterator[tuple[str, bytes]]:
    """Everything but the manifest and the seal."""
    note = Note.parse(frozen["checkpoint"])
    types = Counter(each.type for each in material.events)
    completeness = {
        "by_type": dict(types),
        "events": [{"position": each.position, "type": each.type} for each in material.events],
        "first": 1,
        "last": frozen["position"],
        "member_id": frozen["member_id"],
    }
    keys = [service_key(*each) for each in sorted(material.service_keys.items())]
    keys += own_keys(material.key_events)
    yield reading.CHECKPOINT, frozen["checkpoint"].encode()
    yield reading.COMPLETENESS, canonical(completeness)
    yield reading.EVIDENCE, material.evidence
    yield reading.FROZEN, material.frozen
    yield reading.KEYS, canonical({"items": keys, "seal_key": str(seal.key)})
    yield reading.OPENED, canonical({"texts": [_text(each) for each in material.opened]})
    yield reading.POLICY, material.policy
    yield reading.README, _README
    yield reading.VERIFIER, verifier()
    if material.report is not None:
        yield reading.REPORT, material.report
    for folder, events in (
        (reading.EVENTS, material.events),
        (reading.KEY_EVENTS, material.key_events),
    ):
        for event in events:
            yield f"{folder}/{event.position}.json", event.raw
            proof = Proof(event.position - 1, tuple(material.paths[event.position]), note)
            yield f"{reading.PROOFS}/{event.position}.txt", str(proof).encode()


def _text(opened: OpenedText) -> dict[str, Any]:
    salt = {} if opened.salt is None else {"salt": opened.salt}
    return {"field": opened.field, "position": opened.position, "text": opened.text, **salt}
