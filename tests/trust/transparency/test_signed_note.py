"""Signed notes, checkpoints and cosignatures, against the examples of the C2SP documents."""

import pytest

from service.trust.transparency.checkpoint import Checkpoint, MalformedCheckpoint
from service.trust.transparency.cosignature import (
    COSIGNATURE,
    CosignatureVerifier,
    Cosigner,
    cosigned_at,
)
from service.trust.transparency.signed_note import (
    PLAIN_ED25519,
    Ed25519Signer,
    Ed25519Verifier,
    InvalidSignature,
    Key,
    MalformedKey,
    MalformedNote,
    Note,
    Signature,
)

# c2sp.org/signed-note
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNED = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
    "RKuwHjG1Yu72IneyaQM=\n"
)

# c2sp.org/tlog-cosignature
COSIGNED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3"
    "b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)

# golang.org/x/mod/sumdb/note
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
MESSAGE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)


def test_the_example_of_the_specification() -> None:
    key = Key.parse(VKEY)
    assert (key.name, key.type, str(key)) == ("example.com/foo", PLAIN_ED25519, VKEY)
    note = Note.parse(SIGNED)
    assert note.text == "This is an example message.\n"
    assert note.verified([Ed25519Verifier(key)]) == list(note.signatures)
    assert str(note) == SIGNED


def test_the_example_of_go() -> None:
    signer = Ed25519Signer.parse(SECRET)
    assert (str(signer.key), signer.secret()) == (PETER, SECRET)
    assert str(signer.sign(MESSAGE)) == BY_PETER
    assert Note.parse(MESSAGE + "\n" + BY_PETER).verified([Ed25519Verifier(Key.parse(PETER))])


def test_a_changed_text_or_signature_is_refused() -> None:
    verifier = Ed25519Verifier(Key.parse(VKEY))
    for changed in (
        SIGNED.replace("example message", "other message"),
        SIGNED.replace("7Ztg1E", "7Ztg1F"),
    ):
        assert changed != SIGNED
        with pytest.raises(InvalidSignature):
            Note.parse(changed).verified([verifier])


def test_unknown_keys_are_ignored_and_are_not_enough() -> None:
    signer = Ed25519Signer.generate("example.com/foo")  # the same name, another key
    note = Note("text\n", (signer.sign("text\n"),))
    assert note.verified([Ed25519Verifier(Key.parse(VKEY))]) == []
    both = note.with_signatures([Signature("example.com/foo", b"\0\0\0\0", b"of some other type")])
    assert both.verified([Ed25519Verifier(signer.key)]) == list(note.signatures)


def test_the_text_ends_at_the_last_empty_line() -> None:
    signer = Ed25519Signer.generate("a")
    text = "one\n\ntwo\n"
    note = Note.parse(str(Note(text, (signer.sign(text),))))
    assert note.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name AAAAAAA=\nrest\n",
        "text\n\n— name AAAAAAA=",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n— AAAAAAA=\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAAAA==\n",  # four bytes: an id without a signature
        "text\n\n— name AAAAAAB=\n",  # bits after the end
        "text\n\n— name AAAA AAA=\n",
        "te\txt\n\n— name AAAAAAA=\n",
        "text\n\n" + "— name AAAAAAA=\n" * 65,
        "x" * 70_000 + "\n\n— name AAAAAAA=\n",
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        Note.parse(text)


def test_sixteen_signatures_are_accepted() -> None:
    assert len(Note.parse("text\n\n" + "— name AAAAAAA=\n" * 16).signatures) == 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+530d903a",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530d903"),
        VKEY.replace("530d903a", "530d90zz"),
        VKEY.replace("example.com", "example com"),
        VKEY + "A",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedKey):
        Key.parse(text)


def test_a_key_of_a_type_we_do_not_know_keeps_its_id() -> None:
    text = "name+01020304+AgECAw=="
    key = Key.parse(text)
    assert (key.type, key.id, str(key)) == (2, b"\1\2\3\4", text)
    with pytest.raises(MalformedKey):
        Ed25519Verifier(key)
    with pytest.raises(MalformedKey):
        CosignatureVerifier(key)


def test_a_private_key_of_another_type_is_refused() -> None:
    with pytest.raises(MalformedKey):
        Cosigner.parse(SECRET)
    with pytest.raises(MalformedKey):
        Ed25519Signer.parse(Cosigner.generate("w").secret())
    with pytest.raises(MalformedKey):
        Ed25519Signer.parse(SECRET.replace("PeterNeumann", "PeterPan"))


def test_the_checkpoint_of_the_specification() -> None:
    note = Note.parse(COSIGNED)
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert str(checkpoint) == note.text
    assert cosigned_at(note.signatures[1]) == 1679315147


def test_extension_lines_are_kept() -> None:
    text = Note.parse(COSIGNED).text + "extension one\n"
    checkpoint = Checkpoint.parse(text)
    assert checkpoint.extensions == ("extension one",)
    assert str(checkpoint) == text


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        f"o\n1\n{ROOT}",
        f"o\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n１\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n{'9' * 5000}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT.replace('=', '')}\n",
        f"o\n1\n{ROOT}\n\nextension\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedCheckpoint):
        Checkpoint.parse(text)


def test_a_cosignature_says_when_and_over_what() -> None:
    cosigner = Cosigner.generate("witness.example.com/w1")
    verifier = CosignatureVerifier(cosigner.key)
    text = Note.parse(COSIGNED).text
    signature = cosigner.cosign(text, 1679315147)
    assert cosigner.key.type == COSIGNATURE
    assert cosigned_at(signature) == 1679315147
    assert verifier.verifies(text, signature.value)
    assert not verifier.verifies(text.replace("20852163", "20852164"), signature.value)
    later = (1679315148).to_bytes(8) + signature.value[8:]
    assert not verifier.verifies(text, later)
    assert not verifier.verifies(text, signature.value[:-1])
    # A key for cosignatures is not one for plain signatures over the same text, nor the reverse.
    plain = Ed25519Signer.generate("x")
    assert not verifier.verifies(text, b"\0" * 8 + plain.sign(text).value)


def test_a_cosigners_key_survives_being_written_down() -> None:
    cosigner = Cosigner.generate("w")
    again = Cosigner.parse(cosigner.secret())
    assert again.key == cosigner.key
    assert again.cosign("t\n", 5) == cosigner.cosign("t\n", 5)
