"""Proofs as text: what is offline-verifiable, and that nothing else is."""

from dataclasses import replace

import pytest

from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.cosignature import CosignatureVerifier, Cosigner
from service.trust.transparency.merkle import SHA256, InvalidProof
from service.trust.transparency.proof import Proof
from service.trust.transparency.signed_note import (
    Ed25519Signer,
    Ed25519Verifier,
    InvalidSignature,
    MalformedNote,
    Note,
)

LOG = Ed25519Signer.generate("example.com/log")
VERIFIER = Ed25519Verifier(LOG.key)
WITNESS = Cosigner.generate("witness.example/w1")
LEAVES = [SHA256.leaf(data) for data in (b"a", b"b", b"c")]
ROOT = SHA256.node(SHA256.node(LEAVES[0], LEAVES[1]), LEAVES[2])


def proof(signer: Ed25519Signer = LOG, origin: str = "example.com/log") -> Proof:
    text = str(Checkpoint(origin, 3, ROOT))
    note = Note(text, (signer.sign(text), WITNESS.cosign(text, 1_700_000_000)))
    return Proof(1, (LEAVES[0], LEAVES[2]), note)


def test_a_proof_survives_being_written_down() -> None:
    text = str(proof())
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert Proof.parse(text) == proof()
    extra = replace(proof(), extra=b"\1\2")
    assert str(extra).split("\n")[1] == "extra AQI="
    assert Proof.parse(str(extra)) == extra


def test_a_proof_holds_for_its_event_only() -> None:
    assert proof().verify(b"b", VERIFIER) == []
    [cosignature] = proof().verify(b"b", VERIFIER, [CosignatureVerifier(WITNESS.key)])
    assert cosignature.name == "witness.example/w1"
    for wrong in (replace(proof(), index=0), replace(proof(), path=(LEAVES[2], LEAVES[0]))):
        with pytest.raises(InvalidProof):
            wrong.verify(b"b", VERIFIER)
    with pytest.raises(InvalidProof):
        proof().verify(b"c", VERIFIER)


def test_a_checkpoint_of_somebody_else_proves_nothing() -> None:
    with pytest.raises(InvalidProof):
        proof(Ed25519Signer.generate("example.com/log")).verify(b"b", VERIFIER)
    with pytest.raises(InvalidProof):
        proof(origin="example.com/other").verify(b"b", VERIFIER)


def test_a_forged_line_of_a_known_key_is_refused() -> None:
    good = proof()
    forged = Note(good.checkpoint.text, (*good.checkpoint.signatures[:1], WITNESS.cosign("x\n", 1)))
    with pytest.raises(InvalidSignature):
        replace(good, checkpoint=forged).verify(b"b", VERIFIER, [CosignatureVerifier(WITNESS.key)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "index -1"),
        ("index 1", "at 1"),
        ("index 1\n", "index 1\nAAAA\n"),
        ("index 1\n", "index 1\nnot base64\n"),
        ("index 1\n", "extra !\nindex 1\n"),
        ("index 1\n", "index 1\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 63),
    ],
)
def test_what_is_no_proof_is_refused(old: str, new: str) -> None:
    text = str(proof())
    assert old in text
    with pytest.raises(InvalidProof):
        Proof.parse(text.replace(old, new, 1))


def test_a_proof_without_a_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedNote):
        Proof.parse("c2sp.org/tlog-proof@v1\nindex 1\n\n")
