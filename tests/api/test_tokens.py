"""Tokens: who gets one, and what is refused that only looks like one."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from service.api.scopes import Scope
from service.api.serving import Serving
from service.trust.master_key import MasterKey
from tests.api.clock import SettableClock
from tests.api.town import Town
from tests.database import MASTER_KEY


def credentials(town: Town, name: str = "branch", **more: str) -> dict[str, str]:
    client = town.clients[name]
    return {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.secret,
        **more,
    }


def signed(claims: dict[str, Any], master: MasterKey = MASTER_KEY, **header: Any) -> str:
    """A token with these claims under the service's own key, so that only the claims are wrong."""
    key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(master.derive("access-tokens")))
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.thumbprint(), **header}
    return jwt.encode(header, claims, key, algorithms=["Ed25519"])


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def read(town: Town, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await town.http.get(f"/api/v1/branches/{town.id('branch')}/members", headers=headers)


async def test_client_credentials_give_a_token_that_works(town: Town) -> None:
    answer = await town.http.post("/oauth/token", data=credentials(town))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    assert (await read(town, token["access_token"])).status_code == 200


async def test_credentials_may_come_by_http_basic(town: Town) -> None:
    client = town.clients["branch"]
    basic = b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
    answer = await town.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "scope": Scope.MEMBERS_READ.value},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert answer.json()["scope"] == "members:read"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "endorsements:write"}, 400, "invalid_scope"),
        ({"scope": " "}, 400, "invalid_scope"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"sub": "officer-1"}, 400, "invalid_request"),
    ],
)
async def test_what_gets_no_token(
    town: Town, change: dict[str, str], status: int, error: str
) -> None:
    answer = await town.http.post("/oauth/token", data=credentials(town, **change))

    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_revoked_client_gets_no_token(town: Town) -> None:
    assert await town.serving.clients.revoke(town.clients["branch"].client_id)
    answer = await town.http.post("/oauth/token", data=credentials(town))
    assert answer.status_code == 401


async def test_secrets_are_stored_as_keyed_hashes(town: Town) -> None:
    rows = await town.serving.log.pool.fetch("SELECT * FROM access.clients")
    stored = repr([tuple(row) for row in rows])
    assert all(client.secret not in stored for client in town.clients.values())


async def test_too_many_requests_for_tokens_are_slowed_down(town: Town) -> None:
    statuses = set()
    for _ in range(320):
        answer = await town.http.post("/oauth/token", data=credentials(town, client_secret="no"))
        statuses.add(answer.status_code)
    assert statuses == {401, 429}
    assert int(answer.headers["Retry-After"]) >= 1


def without_signature(claims: dict[str, Any]) -> str:
    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(claims)}."


def confused(claims: dict[str, Any]) -> str:
    """Signed with the public key as if it were a shared secret."""
    private = Ed25519PrivateKey.from_private_bytes(MASTER_KEY.derive("access-tokens"))
    secret = OctKey.import_key(private.public_key().public_bytes_raw())
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, secret, algorithms=["HS256"])


Forgery = Callable[[dict[str, Any]], str]
FORGERIES: dict[str, Forgery] = {
    "no signature": without_signature,
    "algorithm confusion": confused,
    "somebody else's key": lambda claims: signed(claims, MasterKey(bytes(32))),
    "another audience": lambda claims: signed({**claims, "aud": "another"}),
    "several audiences": lambda claims: signed({**claims, "aud": [claims["aud"], "another"]}),
    "another issuer": lambda claims: signed({**claims, "iss": "another"}),
    "no expiry": lambda claims: signed({k: v for k, v in claims.items() if k != "exp"}),
    "expired": lambda claims: signed({**claims, "exp": claims["iat"] - 1}),
    "lives too long": lambda claims: signed({**claims, "exp": claims["exp"] + 1}),
    "issued in the future": lambda claims: signed(
        {**claims, "iat": claims["iat"] + 60, "exp": claims["exp"] + 60}
    ),
    "not yet valid": lambda claims: signed({**claims, "nbf": claims["nbf"] + 60}),
    "another type": lambda claims: signed(claims, typ="JWT"),
    "another key id": lambda claims: signed(claims, kid="another"),
    "no id": lambda claims: signed({**claims, "jti": ""}),
    "unknown kind": lambda claims: signed({**claims, "kind": "emperor"}),
    "too long": lambda claims: signed({**claims, "more": "x" * 8192}),
    "garbage": lambda _: "a.b.c",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_forged_tokens_are_refused(town: Town, forgery: Forgery) -> None:
    good = town.token("branch")
    claims = claims_of(good)
    # Unchanged claims under the same key are good: what is refused below is the change alone.
    assert (await read(town, signed(claims))).status_code == 200

    answer = await read(town, forgery(claims))

    assert answer.status_code == 401, answer.text
    assert answer.json()["type"] == "urn:eighthours:problem:invalid-token"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_ends_after_a_quarter_of_an_hour(town: Town, clock: SettableClock) -> None:
    token = town.token("branch")
    clock.now += timedelta(minutes=14, seconds=59)
    assert (await read(town, token)).status_code == 200
    clock.now += timedelta(seconds=1)
    assert (await read(town, token)).status_code == 401


async def test_without_a_token_nothing_is_told(town: Town) -> None:
    answer = await town.http.get(f"/api/v1/branches/{town.id('branch')}/members")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_tokens_of_another_process_with_the_same_master_key_are_good(
    town: Town, serving: Serving, clock: SettableClock
) -> None:
    other = Serving.of(serving.log, serving.runner, MASTER_KEY, serving.calendars, clock)
    token = other.tokens.issue(town.clients["branch"].caller, clock())
    assert (await read(town, token)).status_code == 200


async def test_a_person_in_the_token_acts(town: Town) -> None:
    answer = await town.http.post(
        "/oauth/token", data=credentials(town, sub="officer-7", role="responsible")
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "Idempotency-Key": "1"}
    path = f"/api/v1/branches/{town.id('branch')}/roster-publications"
    body: dict[str, Any] = {"stated_head_count": 0}

    written = await town.http.post(path, json=body, headers=headers)
    assert written.status_code == 201
    trail = await town.get("branch", "/audit-trail?actor=officer-7", written.json()["position"])
    assert [item["actor"]["role"] for item in trail.json()["items"]] == ["responsible"]

    body["acting_officer"] = {"person": "somebody-else"}
    refused = await town.http.post(path, json=body, headers={**headers, "Idempotency-Key": "2"})
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:eighthours:problem:officer-already-named"
