"""A bundle over a real log and a real checkpoint, with a witness, and how somebody forges one."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.data.calendars import published_calendars
from service.domain.certificate import CertificateIssued
from service.domain.event import EVENTS, Actor, Event
from service.domain.signed import statement, text_digest
from service.domain.signing_key import SigningKeyApproved, SigningKeyProposed
from service.domain.vetting import EvidenceFrozen
from service.eventstore import EventLog
from service.eventstore.mapping import encode
from service.projections.vetting_evidence import EvidenceAbout
from service.projections.vetting_evidence_reading import material
from service.trust.bundle.archive import unzipped, zipped
from service.trust.bundle.making import (
    Material,
    OpenedText,
    bundle,
    sealed_texts,
    signatories,
)
from service.trust.bundle.reading import MANIFEST, SEAL, stored_event
from service.trust.bundle.seal import EvidenceSeal
from service.trust.bundle.trust_policy import policy_told
from service.trust.bundle.verifier import verifier
from service.trust.readings import Readings
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.cosignature import CosignatureVerifier, Cosigner
from service.trust.transparency.guomi import SM3, Sm2Signer, with_sm3_root
from service.trust.transparency.merkle import SHA256, inclusion_ranges
from service.trust.transparency.policy import KnownLog, KnownWitness, Policy
from service.trust.transparency.proof import Proof
from service.trust.transparency.signed_note import Ed25519Signer, Note
from service.trust.verification import _SPEAKS_FOR, canonical
from tests.domain.town import AT, AUTHORITY, BRANCH, COMMUNITY, LI, acting
from tests.eventstore.history import given
from tests.trust.signing import OwnSystem, detached

ORIGIN = "example.org/log"
SECRET = bytes(range(32))
"""Of the seal."""
WITNESS_AT = 1_790_000_000
"""Seconds since the epoch."""


@dataclass(frozen=True)
class Made:
    """A bundle, what it was made of, and the keys of everybody."""

    archive: bytes
    material: Material
    seal: EvidenceSeal
    log: Ed25519Signer
    policy: bytes
    frozen_proof: str
    """That the event `EvidenceFrozen` is in the log, of a later checkpoint."""
    guomi: bool
    """Whether the log has a second key, of SM2."""

    @property
    def files(self) -> dict[str, bytes]:
        return unzipped(self.archive)

    def trusted(self, folder: Path) -> tuple[str, ...]:
        """The arguments that bring the keys from elsewhere."""
        (folder / "policy").write_bytes(self.policy)
        return ("--seal-key", str(self.seal.key), "--policy", str(folder / "policy"))

    def changed(self, **differently: Any) -> bytes:
        """A bundle of something else, sealed as the first."""
        return bundle(replace(self.material, **differently), self.seal)


def resealed(files: Mapping[str, bytes], seal: EvidenceSeal | None = None) -> bytes:
    """What somebody makes who changed files: a manifest that fits, and a seal of their own."""
    inner = {name: content for name, content in files.items() if name not in {MANIFEST, SEAL}}
    manifest = json.loads(files[MANIFEST])
    manifest["files"] = {name: sha256(content).hexdigest() for name, content in inner.items()}
    manifest["evidence_sha256"] = sha256(inner["evidence.json"]).hexdigest()
    stated = canonical(manifest)
    note = files[SEAL] if seal is None else seal.over(stated).encode()
    return zipped({**inner, MANIFEST: stated, SEAL: note})


async def made(log: EventLog, events: list[Event], vetting: str, *, guomi: bool = False) -> Made:
    """Puts these events into the log, freezes the evidence about Li and makes its bundle.

    The branch signs its certificates with a key of its own, the service signs for the others.
    """
    own = OwnSystem()
    for event in _own_key_of_the_branch(own):
        await given(log, event, by=acting(BRANCH), at=AT - timedelta(days=1))
    for event in events:
        by = acting(_speaker(event))
        await given(log, _signed(event, by, own), by=by)
    size = await log.head()
    signer, witness = Ed25519Signer.generate(ORIGIN), Cosigner.generate("witness.example")
    second = Sm2Signer.generate(ORIGIN) if guomi else None
    entries = [bytes(data) for _, data in await log.stored(after=0, limit=size)]
    tree = Tree(entries)
    tip = Checkpoint(ORIGIN, size, tree.root())
    tip = with_sm3_root(tip, SM3.empty) if guomi else tip
    text = str(tip)
    seconds = () if second is None else (second.sign(text),)
    note = Note(text, (signer.sign(text), *seconds, witness.cosign(text, WITNESS_AT)))
    about = EvidenceAbout(LI, vetting, size, 0)
    found = await material(log, Readings(log.pool), about)
    evidence = found.evidence(published_calendars())
    frozen = EvidenceFrozen(
        evidence_id="evidence",
        decision_id=vetting,
        member_id=LI,
        organisation_id=AUTHORITY,
        position=size,
        checkpoint=str(note),
        readings_up_to=0,
        evidence_digest=evidence.digest,
        calendars=evidence.calendars,
        opinion_ids=evidence.opinion_ids,
        frozen_by="chief",
        frozen_by_person="hash",
    )
    stored = encode(frozen, acting(AUTHORITY), AT, AT, log.keyring)
    later = Tree([*entries, stored.data])
    text = str(Checkpoint(ORIGIN, size + 1, later.root()))
    later_note = Note(text, (signer.sign(text),))
    policy = Policy(
        logs=tuple(KnownLog.by(each.key) for each in (signer, second) if each is not None),
        witnesses=(KnownWitness("w", CosignatureVerifier(witness.key)),),
        quorum="w",
    )
    about_li = [stored_event(each.position, each.event.data) for each in found.stored]
    wanted = {
        value
        for each in about_li
        for name, value in each.data.items()
        if isinstance(value, str)
        and not name.endswith("_salt")
        and value.startswith("sealed:")
        and value.encode() in evidence.canonical
    }
    told = policy_told(policy, [], ORIGIN)
    whole = Material(
        frozen=stored.data,
        evidence=evidence.canonical,
        events=about_li,
        key_events=[
            stored_event(n, raw)
            for n, raw in enumerate(entries, start=1)
            if json.loads(raw)["type"].startswith("SigningKey")
        ],
        paths={n: tree.path(n - 1) for n in range(1, size + 1)},
        service_keys={o: log.keyring.service_keys.public(o) for o in signatories(about_li)},
        policy=told,
        opened=[
            _opened(log, {e.position: e.data for e in about_li}[position], position, name)
            for position, name, _ in sealed_texts(about_li, wanted)
        ],
        report=b"%PDF-1.7 made for a test",
    )
    seal = EvidenceSeal(SECRET, ORIGIN)
    proof = later.proof(size, later_note)
    return Made(bundle(whole, seal), whole, seal, signer, told, proof, guomi)


def _signed(event: Event, by: Actor, own: OwnSystem) -> Event:
    """With digests that are those of its texts, and with the branch's signature."""
    comment, salt = vars(event).get("comment"), vars(event).get("comment_salt")
    if comment and salt:
        event = event.model_copy(update={"comment_digest": text_digest(comment, salt)})
    if isinstance(event, CertificateIssued):
        stated = own.sign(statement(event, by, AT))
        event = event.model_copy(update={"signature": detached(stated)})
    return event


def _speaker(event: Event) -> str:
    """Whose word it is."""
    named = vars(event).get(_SPEAKS_FOR.get(event.event_type, ""), COMMUNITY)
    return str(named)


def _own_key_of_the_branch(own: OwnSystem) -> list[Event]:
    key = {"signing_key_id": own.signing_key_id, "organisation_id": BRANCH}
    until = AT + timedelta(days=300)
    return [
        SigningKeyProposed(
            **key,
            public_key=own.x,
            proof="proof",
            valid_until=until,
            proposed_by="clerk",
            proposed_by_person="person",
        ),
        SigningKeyApproved(
            **key,
            replaces=None,
            valid_from=AT - timedelta(hours=1),
            valid_until=until,
            approved_by="officer",
            approved_by_person="other",
        ),
    ]


def _opened(log: EventLog, data: dict[str, Any], position: int, name: str) -> OpenedText:
    purposes = {n: p for kind in EVENTS.values() for n, p in kind.personal.items()}

    def text(field: str) -> str:
        return log.keyring.open(LI, purposes[field], field, data[field])

    salt = text(f"{name}_salt") if data.get(f"{name}_salt") else None
    return OpenedText(position, name, text(name), salt)


class Tree:
    """Roots and paths over entries."""

    def __init__(self, entries: list[bytes]) -> None:
        self.leaves = [SHA256.leaf(each) for each in entries]

    def _hash(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self.leaves[start]
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return SHA256.node(self._hash(start, middle), self._hash(middle, end))

    def root(self) -> bytes:
        return self._hash(0, len(self.leaves))

    def path(self, index: int) -> list[bytes]:
        return [self._hash(*each) for each in inclusion_ranges(index, len(self.leaves))]

    def proof(self, index: int, note: Note) -> str:
        return str(Proof(index, tuple(self.path(index)), note))


def verify_py(
    folder: Path, archive: bytes, *arguments: str, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Runs ``verify.py`` by itself: isolated from this project, its folder and its environment."""
    program, file = folder / "verify.py", folder / "evidence.zip"
    program.write_bytes(verifier())
    file.write_bytes(archive)
    return subprocess.run(
        [python, "-I", str(program), str(file), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={},
        timeout=60,
        check=False,
    )
