"""Signatures on stored events: made here or elsewhere, checked by our code and by others'."""

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.jwk import OKPKey

from service.contracts.capability import events
from service.contracts.samples import MASTER, SampleKeys, invented, stored
from service.domain.endorsement import ParticipationEndorsed
from service.domain.event import Actor
from service.domain.signed import statement
from service.eventstore.mapping import canonical
from service.trust import verification
from service.trust.signatures import ServiceKeys, presented
from service.trust.verification import (
    MalformedSignature,
    NotSigned,
    PublicKey,
    SignatureDoesNotFit,
    SignatureRefused,
    SignedAfterExpiry,
    SignedAfterRevocation,
    SignedBeforeApproval,
    SignedByAnotherOrganisation,
    SignedInOrganisationsPlace,
    SigningKeyUnknown,
    TextAltered,
    thumbprint,
    verify,
    verify_text,
)
from tests.trust.signing import OwnSystem, copied, detached

DAY = timedelta(days=1)
KEYS = ServiceKeys(MASTER)
SYSTEM = OwnSystem()


def by_service() -> dict[str, Any]:
    """An endorsement as it is stored, signed by the service."""
    event = invented(ParticipationEndorsed)
    found: dict[str, Any] = json.loads(stored(event, SampleKeys()))
    return found


def by_organisation(system: OwnSystem = SYSTEM, **header: Any) -> dict[str, Any]:
    """The same, signed by the community's own system."""
    event = by_service()
    event["data"]["signature"] = detached(system.sign(verification.statement(event), **header))
    return event


EVENT = by_service()
COMMUNITY: str = EVENT["actor"]["organisation_id"]
OCCURRED = datetime.fromisoformat(EVENT["occurred_at"])
RECORDED = datetime.fromisoformat(EVENT["recorded_at"])
SERVICE = PublicKey(COMMUNITY, KEYS.public(COMMUNITY), "service")
SIGNED = [event for event in events() if "signature" in event.model_fields]
OWN = PublicKey(COMMUNITY, SYSTEM.x, valid_from=OCCURRED - DAY, valid_until=RECORDED + DAY)


def refused(
    expected: type[SignatureRefused], event: dict[str, Any], keys: Sequence[PublicKey]
) -> None:
    with pytest.raises(SignatureRefused) as caught:
        verify(event, keys)
    assert type(caught.value) is expected


def test_what_the_service_signed_says_so_and_verifies() -> None:
    assert verify(EVENT, [SERVICE]) == SERVICE
    header, _, _ = verification.split(EVENT["data"]["signature"])
    assert header == {
        "alg": "Ed25519",
        "held_by": "service",
        "kid": SERVICE.signing_key_id,
        "typ": "statement+jws",
    }


def test_another_library_verifies_it() -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": SERVICE.x})
    protected, _, signature = EVENT["data"]["signature"].split(".")
    payload = base64.urlsafe_b64encode(canonical(verification.statement(EVENT))).decode()
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    compact = f"{protected}.{payload.rstrip('=')}.{signature}"
    assert jws.deserialize_compact(compact, key, registry=registry).headers()["alg"] == "Ed25519"


def test_openssl_verifies_it(tmp_path: Path) -> None:
    protected, _, signature = EVENT["data"]["signature"].split(".")
    raw = canonical(verification.statement(EVENT))
    payload = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(SERVICE.x + "="))
    # An Ed25519 key in DER is this prefix and the key (RFC 8410).
    der = bytes.fromhex("302a300506032b6570032100") + public.public_bytes_raw()
    (tmp_path / "key.der").write_bytes(der)
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -sigfile signature"
    for signed, verdict in ((payload, 0), (payload.replace("A", "B", 1), 1)):
        (tmp_path / "signed").write_text(f"{protected}.{signed}")
        done = subprocess.run(
            [*command.split(), "-in", "signed"], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == verdict, done.stderr


def test_what_an_own_system_signed_with_its_library_verifies() -> None:
    assert verify(by_organisation(), [SERVICE, OWN]) == OWN
    # "EdDSA" is what the older name of the algorithm is.
    eddsa = by_organisation()
    old_name = json.dumps({"alg": "EdDSA", "jwk": SYSTEM.jwk, "typ": "statement+jws"}).encode()
    protected = base64.urlsafe_b64encode(old_name).rstrip(b"=").decode()
    payload = base64.urlsafe_b64encode(verification.canonical(verification.statement(eddsa)))
    private = SYSTEM.key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    raw = private.sign(f"{protected}.{payload.rstrip(b'=').decode()}".encode())
    signature = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    eddsa["data"]["signature"] = f"{protected}..{signature}"
    assert verify(eddsa, [OWN]) == OWN


@pytest.mark.parametrize("event", SIGNED)
def test_here_and_there_the_same_is_taken_for_the_statement(event: Any) -> None:
    """Else a signature would be made over something that nobody can put together again."""
    filled = invented(event)
    envelope = json.loads(stored(filled, SampleKeys()))
    actor = Actor(*(envelope["actor"][n] for n in ("organisation_id", "person", "role", "client")))
    moment = datetime.fromisoformat(envelope["occurred_at"])
    here = statement(filled, actor, moment)
    there = verification.statement(envelope)
    assert canonical(here) == verification.canonical(there) == canonical(there)
    key = PublicKey(actor.organisation_id, KEYS.public(actor.organisation_id), "service")
    assert verify(envelope, [key]) == key


def test_some_events_are_signed() -> None:
    signed = {event.event_type for event in SIGNED}
    assert signed >= {"ParticipationEndorsed", "CertificateIssued"}


def test_whatever_is_altered_is_noticed() -> None:
    signed = verification.statement(EVENT)
    for event, keys in ((EVENT, [SERVICE]), (by_organisation(), [OWN])):
        for name in signed["data"]:
            altered = copied(event)
            altered["data"][name] = "something else"
            with pytest.raises(SignatureRefused):
                verify(altered, keys)
        for path in (("occurred_at",), ("version",), ("actor", "person"), ("actor", "role")):
            altered = copied(event)
            inner = altered if len(path) == 1 else altered["actor"]
            before = inner[path[-1]]
            inner[path[-1]] = (
                1
                if path == ("version",)
                else before.replace("1", "2") + ("" if path == ("occurred_at",) else "x")
            )
            refused(SignatureDoesNotFit, altered, keys)
        added = copied(event)
        added["data"]["unheard_of"] = 1
        refused(SignatureDoesNotFit, added, keys)
        missing = copied(event)
        del missing["data"]["performance"]
        refused(SignatureDoesNotFit, missing, keys)


def test_the_signature_of_another_statement_does_not_fit() -> None:
    other = by_organisation()
    other["data"]["participation_id"] = "another"
    other["data"]["signature"] = detached(SYSTEM.sign(verification.statement(other)))
    assert verify(other, [OWN]) == OWN
    swapped = copied(EVENT)
    swapped["data"]["signature"] = other["data"]["signature"]
    refused(SignatureDoesNotFit, swapped, [SERVICE, OWN])


def test_a_wrong_key_does_not_fit() -> None:
    """Somebody names the approved key but signs with another."""
    forger = OwnSystem()
    event = by_organisation(forger, jwk=None, kid=SYSTEM.signing_key_id)
    refused(SignatureDoesNotFit, event, [OWN])
    event = by_organisation(forger, jwk=SYSTEM.jwk)
    refused(SignatureDoesNotFit, event, [OWN])


def test_a_key_that_nobody_approved_is_unknown() -> None:
    refused(SigningKeyUnknown, by_organisation(OwnSystem()), [SERVICE, OWN])


def test_the_key_of_another_organisation_is_refused() -> None:
    theirs = replace(OWN, organisation_id="another")
    refused(SignedByAnotherOrganisation, by_organisation(), [theirs])
    # Somebody acts for another organisation than the one whose word it is.
    elsewhere = copied(EVENT)
    elsewhere["actor"]["organisation_id"] = "another"
    signed = verification.statement(elsewhere)
    elsewhere["data"]["signature"] = detached(SYSTEM.sign(signed))
    refused(SignedByAnotherOrganisation, elsewhere, [theirs])


def test_a_key_counts_from_its_approval_until_it_ends() -> None:
    event = by_organisation()
    cases: list[tuple[type[SignatureRefused], dict[str, Any]]] = [
        (SignedBeforeApproval, {"valid_from": OCCURRED + DAY / 24}),
        (SignedBeforeApproval, {"valid_from": RECORDED + DAY}),
        (SignedAfterExpiry, {"valid_until": OCCURRED}),
        (SignedAfterExpiry, {"valid_until": RECORDED}),
        (SignedAfterRevocation, {"distrusted_since": OCCURRED}),
        # Said to have happened before the key was lost, but recorded afterwards.
        (SignedAfterRevocation, {"distrusted_since": RECORDED}),
    ]
    for refusal, differently in cases:
        refused(refusal, event, [replace(OWN, **differently)])
    for key in (
        replace(OWN, valid_from=OCCURRED),
        replace(OWN, valid_until=RECORDED + DAY / 24),
        replace(OWN, distrusted_since=RECORDED + DAY / 24),
    ):
        assert verify(event, [key]) == key


def test_the_service_does_not_sign_for_those_who_have_a_key() -> None:
    refused(SignedInOrganisationsPlace, EVENT, [SERVICE, OWN])
    for own in (
        replace(OWN, organisation_id="another"),
        replace(OWN, valid_until=OCCURRED),
        replace(OWN, valid_from=RECORDED + DAY / 24),
        replace(OWN, distrusted_since=OCCURRED),
        # Told after the key was lost: the service signed, whenever it is said to have happened.
        replace(OWN, distrusted_since=RECORDED),
    ):
        assert verify(EVENT, [SERVICE, own]) == SERVICE


def test_nobody_says_that_somebody_else_holds_the_key() -> None:
    refused(MalformedSignature, by_organisation(held_by="service"), [OWN])
    refused(MalformedSignature, EVENT, [replace(SERVICE, held_by="organisation")])


def test_an_opened_text_is_compared_with_its_digest() -> None:
    ring_event = invented(ParticipationEndorsed)
    assert isinstance(ring_event, ParticipationEndorsed)
    assert ring_event.comment is not None
    assert ring_event.comment_salt is not None
    verify_text(EVENT, "comment", ring_event.comment, ring_event.comment_salt)
    for text, salt in (
        ("不热心", ring_event.comment_salt),
        (ring_event.comment, "0" * 32),
    ):
        with pytest.raises(TextAltered):
            verify_text(EVENT, "comment", text, salt)
    with pytest.raises(TextAltered):
        verify_text({"data": {"comment_digest": None}}, "comment", "", "")


def test_without_a_text_a_signature_verifies_still() -> None:
    """After an erasure nobody can open the comment any more."""
    erased = copied(EVENT)
    erased["data"]["comment"] = erased["data"]["comment_salt"] = "sealed:gone"
    assert verify(erased, [SERVICE]) == SERVICE


def test_what_is_no_signature_is_refused() -> None:
    unsigned = copied(EVENT)
    for absent in (None, 7):
        unsigned["data"]["signature"] = absent
        refused(NotSigned, unsigned, [SERVICE])
    del unsigned["data"]["signature"]
    refused(NotSigned, unsigned, [SERVICE])
    attached = copied(EVENT)
    attached["data"]["signature"] = SYSTEM.sign(verification.statement(EVENT))
    refused(MalformedSignature, attached, [OWN])


def in_header(**header: Any) -> str:
    """A JWS whose header is put together by hand, so that nothing stops it."""
    given = {"alg": "Ed25519", "jwk": SYSTEM.jwk, "typ": "statement+jws", **header}
    raw = json.dumps({name: value for name, value in given.items() if value is not None})
    protected = base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode()
    payload, signature = SYSTEM.sign({}).split(".")[1:]
    return f"{protected}.{payload}.{signature}"


@pytest.mark.parametrize(
    "compact",
    [
        "",
        "a.b",
        "a.b.c.d",
        "....",
        "!.e30.AA",
        "e30.e30.AA",
        "W10.e30.AA",
        "bnVsbA.e30.AA",
        SYSTEM.sign({}) + "=",
        SYSTEM.sign({}).replace(".", ".\n", 1),
        in_header(alg="none"),
        in_header(alg="HS256"),
        in_header(alg=["Ed25519"]),
        in_header(alg=None),
        in_header(typ="JWT"),
        in_header(typ=None),
        in_header(crit=["exp"]),
        in_header(b64=False),
        in_header(jku="https://example.org"),
        in_header(x5c=["AA"]),
        in_header(held_by="service"),
        in_header(kid="another"),
        in_header(jwk=None),
        in_header(jwk="x"),
        in_header(jwk={**SYSTEM.jwk, "d": "AA"}),
        in_header(jwk={**SYSTEM.jwk, "crv": "X25519"}),
        in_header(jwk={**SYSTEM.jwk, "kty": "EC"}),
        in_header(jwk={**SYSTEM.jwk, "x": 7}),
        in_header(jwk={**SYSTEM.jwk, "x": "AA"}),
        in_header(jwk={**SYSTEM.jwk, "x": SYSTEM.x + "="}),
        SYSTEM.sign_bytes(b'{"a": 1}'),
        SYSTEM.sign_bytes(b'{"b":1,"a":1}'),
        SYSTEM.sign_bytes(b'{"a":1,"a":1}'),
        SYSTEM.sign_bytes(b'{"a":1.50}'),
        SYSTEM.sign_bytes(b"[]"),
        SYSTEM.sign_bytes(b"7"),
        SYSTEM.sign_bytes(b"\xff"),
        SYSTEM.sign_bytes(b""),
        SYSTEM.sign_bytes(b"[" * 100_000),
        SYSTEM.sign_bytes(rb'"\ud800"'),
    ],
    ids=lambda compact: compact[:12] or "empty",
)
def test_what_is_not_in_the_one_form_is_not_accepted(compact: str) -> None:
    with pytest.raises(MalformedSignature):
        presented(compact)


def test_what_is_presented_was_signed_with_the_key_it_names() -> None:
    found = presented(SYSTEM.sign({"b": "贰", "a": 1}))
    assert (found.signing_key_id, found.x) == (SYSTEM.signing_key_id, SYSTEM.x)
    assert found.statement == '{"a":1,"b":"贰"}'.encode()
    assert found.detached == detached(SYSTEM.sign({"b": "贰", "a": 1}))
    with pytest.raises(SignatureDoesNotFit):
        presented(OwnSystem().sign({}, jwk=SYSTEM.jwk))


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_that_verifies_anything_is_no_key(point: str) -> None:
    """With the first one, a signature of one point and a zero fits whatever is signed."""
    x = base64.urlsafe_b64encode(bytes.fromhex(point)).rstrip(b"=").decode()
    header = json.dumps({"alg": "Ed25519", "jwk": {**SYSTEM.jwk, "x": x}, "typ": "statement+jws"})
    protected = base64.urlsafe_b64encode(header.encode()).rstrip(b"=").decode()
    nothing = base64.urlsafe_b64encode(bytes.fromhex(SMALL_ORDER[0]) + bytes(32)).rstrip(b"=")
    if point == SMALL_ORDER[0]:
        verification.check(x, protected, b"{}", base64.urlsafe_b64decode(nothing + b"=="))
    with pytest.raises(MalformedSignature):
        presented(f"{protected}.e30.{nothing.decode()}")


def test_every_organisation_has_a_key_of_its_own_and_always_the_same() -> None:
    again = ServiceKeys(MASTER)
    assert KEYS.public("a") == again.public("a") != KEYS.public("b")
    assert KEYS.sign("a", b"{}") == again.sign("a", b"{}")
    assert (
        thumbprint(KEYS.public("a"))
        == OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": KEYS.public("a")}).thumbprint()
    )


def test_a_key_is_read_from_the_list_of_keys() -> None:
    item = {
        "organisation_id": COMMUNITY,
        "held_by": "organisation",
        "public_key": SYSTEM.jwk,
        "valid_from": OWN.valid_from.isoformat() if OWN.valid_from else None,
        "valid_until": OWN.valid_until.isoformat() if OWN.valid_until else None,
        "distrusted_since": None,
    }
    assert PublicKey.of(item) == OWN


def test_the_verification_needs_nothing_of_the_service() -> None:
    source = Path(str(verification.__file__)).read_text()
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography", "gmssl_pyx"}
