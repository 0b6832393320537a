"""Tokens that only look like one: each is refused by the one function that judges them all."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from service.api.decoding import LONGEST, Key, TokenRefused, Trust, decoded

OURS = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(bytes(32)))
RSA_KEY = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
EC_KEY = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
PUBLIC = OKPKey.import_key(OURS.public_key)
TRUST = Trust(
    keys={
        "ours": Key(PUBLIC, "Ed25519"),
        "rsa": Key(RSAKey.import_key(RSA_KEY.public_key), "RS256"),
        "ec": Key(ECKey.import_key(EC_KEY.public_key), "ES256"),
    },
    issuer="issuer",
    audience="audience",
    longest=timedelta(minutes=15),
    type="at+jwt",
)
HEADER: dict[str, Any] = {"alg": "Ed25519", "typ": "at+jwt", "kid": "ours"}
CLAIMS: dict[str, Any] = {"iss": "issuer", "aud": "audience", "iat": 1000, "exp": 1900, "sub": "me"}


def signed(
    claims: dict[str, Any] | str = CLAIMS, header: dict[str, Any] = HEADER, key: Any = OURS
) -> str:
    if not isinstance(key, OKPKey):
        payload = claims if isinstance(claims, str) else json.dumps(claims)
        return jws.serialize_compact(header, payload, key, algorithms=[header["alg"]])
    # By hand: the library refuses to make what is to be refused.
    content = f"{part(header)}.{part(claims)}"
    private = key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{content}.{part(private.sign(content.encode()))}"


def part(value: str | bytes | dict[str, Any]) -> str:
    raw = json.dumps(value) if isinstance(value, dict) else value
    raw = raw.encode() if isinstance(raw, str) else raw
    return urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_good_token_is_believed() -> None:
    token = decoded(signed(), TRUST)
    assert (token.claims["sub"], token.kid, token.begins, token.ends) == ("me", "ours", 1000, 1900)


@pytest.mark.parametrize(
    ("kid", "algorithm", "key"), [("rsa", "RS256", RSA_KEY), ("ec", "ES256", EC_KEY)]
)
def test_a_provider_may_use_other_algorithms(kid: str, algorithm: str, key: Any) -> None:
    header = {**HEADER, "alg": algorithm, "kid": kid}
    assert decoded(signed(header=header, key=key), TRUST).kid == kid


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


PUBLIC_AS_SECRET = OctKey.import_key(OURS.public_key.public_bytes_raw())
TWICE = json.dumps(HEADER)[:-1] + ', "kid": "ours"}'
NONE = {"alg": "none", "typ": "at+jwt", "kid": "ours"}
ATTACKS: dict[str, str] = {
    "alg none": f"{part(NONE)}.{part(CLAIMS)}.",
    "alg None with a signature": f"{part({**NONE, 'alg': 'None'})}.{signed().split('.', 1)[1]}",
    "the public key as a shared secret": signed(
        header={**HEADER, "alg": "HS256"}, key=PUBLIC_AS_SECRET
    ),
    "another algorithm than the key's": signed(header={**HEADER, "alg": "RS256"}, key=RSA_KEY),
    "the algorithm's other name": f"{part({**HEADER, 'alg': 'EdDSA'})}.{signed().split('.', 1)[1]}",
    "somebody else's key": signed(key=STRANGER),
    "swapped kid": signed(header={**HEADER, "kid": "ec"}),
    "unknown or revoked kid": signed(header={**HEADER, "kid": "revoked"}),
    "no kid": signed(header={"alg": "Ed25519", "typ": "at+jwt"}),
    "another type": signed(header={**HEADER, "typ": "JWT"}),
    "no type": signed(header={"alg": "Ed25519", "kid": "ours"}),
    "crit": signed(header={**HEADER, "crit": ["exp"], "exp": 1}),
    "an unencoded payload": signed(header={**HEADER, "b64": True}),
    "a key of its own": signed(header={**HEADER, "jwk": STRANGER.as_dict()}, key=STRANGER),
    "a link to a key": signed(header={**HEADER, "jku": "https://example.com/keys"}),
    "a certificate": signed(header={**HEADER, "x5c": ["AAAA"]}),
    "another issuer": signed({**CLAIMS, "iss": "another"}),
    "no issuer": signed(without("iss")),
    "another audience": signed({**CLAIMS, "aud": "another"}),
    "several audiences": signed({**CLAIMS, "aud": ["audience", "another"]}),
    "no audience": signed(without("aud")),
    "no expiry": signed(without("exp")),
    "no issue": signed(without("iat")),
    "lives too long": signed({**CLAIMS, "exp": 1901}),
    "ends before it begins": signed({**CLAIMS, "exp": 1000}),
    "a moment that is text": signed({**CLAIMS, "exp": "1900"}),
    "a moment that is true": signed({**CLAIMS, "iat": True}),
    "a moment that is broken": signed({**CLAIMS, "exp": 1900.5}),
    "a moment beyond every calendar": signed({**CLAIMS, "iat": 10**300, "exp": 10**300 + 1}),
    "a moment before all others": signed({**CLAIMS, "iat": -1, "exp": 1}),
    "no number at all": signed(json.dumps(CLAIMS).replace("1900", "NaN")),
    "the same claim twice": signed(json.dumps(CLAIMS)[:-1] + ', "sub": "you"}'),
    "the same header twice": f"{part(TWICE)}.{signed().split('.', 1)[1]}",
    "claims that are a list": signed("[]"),
    "claims that are no JSON": signed("{"),
    "altered claims": f"{part(HEADER)}.{part({**CLAIMS, 'sub': 'you'})}.{signed().split('.')[2]}",
    "no signature": signed().rpartition(".")[0] + ".",
    "two parts": signed().rpartition(".")[0],
    "five parts": signed() + ".a.b",
    "nothing": "",
    "dots": "..",
    "no end of brackets": f"{part('[' * 6000)}.{part(CLAIMS)}.AA",
    "claims without end": signed("[" * 5000),
    "a line break inside": signed().replace("eyJ", "eyJ\n", 1),
    "no ASCII": "一.二.三",
    "a header of a megabyte": f"{part({**HEADER, 'more': 'x' * 1_000_000})}.{part(CLAIMS)}.AA",
    "a token that is too long": signed({**CLAIMS, "more": "x" * LONGEST}),
}


@pytest.mark.parametrize("token", ATTACKS.values(), ids=ATTACKS)
def test_attacks_are_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        decoded(token, TRUST)


def test_when_a_token_is_good() -> None:
    token = decoded(signed({**CLAIMS, "nbf": 1100}), TRUST)
    leeway = timedelta(seconds=5)

    def good(moment: int) -> bool:
        return token.good_at(datetime.fromtimestamp(moment, UTC), leeway)

    assert [good(moment) for moment in (1094, 1095, 1899, 1900)] == [False, True, True, False]
