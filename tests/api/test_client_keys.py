"""private_key_jwt: clients that prove themselves by signing instead of by a secret (RFC 7523)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from service.domain.organisation import OrganisationKind
from tests.api.clock import SettableClock
from tests.api.town import Town

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class KeyHolder:
    """A client with a key of its own."""

    town: Town
    client_id: str
    key: OKPKey

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.town.serving.clock().timestamp())
        return {
            "iss": self.client_id, "sub": self.client_id, "aud": "eighthours",
            "iat": now, "exp": now + 60, "jti": uuid4().hex, **changed,
        }  # fmt: skip

    def assertion(self, claims: dict[str, Any], **header: Any) -> str:
        header = {"alg": "Ed25519", "kid": self.key.thumbprint(), **header}
        return jwt.encode(header, claims, self.key, algorithms=["Ed25519"])

    async def asks(self, assertion: str, **form: str | None) -> httpx.Response:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion,
            **form,
        }
        data = {name: value for name, value in asked.items() if value is not None}
        return await self.town.http.post("/oauth/token", data=data)


async def holding(town: Town) -> KeyHolder:
    key = OKPKey.generate_key("Ed25519")
    client_id, secret = await town.serving.clients.add(
        "system", town.id("branch"), OrganisationKind.BRANCH, public_key=key
    )
    assert secret == ""
    return KeyHolder(town, client_id, key)


@pytest.fixture
async def holder(town: Town) -> KeyHolder:
    return await holding(town)


async def test_a_signed_assertion_gives_a_token(holder: KeyHolder, town: Town) -> None:
    answer = await holder.asks(holder.assertion(holder.claims()))
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    path = f"/api/v1/branches/{town.id('branch')}/members"
    assert (await town.http.get(path, headers=headers)).status_code == 200


async def test_of_one_assertion_that_is_shown_many_times_one_is_taken(holder: KeyHolder) -> None:
    assertion = holder.assertion(holder.claims())
    answers = await asyncio.gather(*(holder.asks(assertion) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [200, 401, 401, 401, 401]


async def test_a_replay_is_known_as_long_as_it_would_be_good(
    holder: KeyHolder, clock: SettableClock
) -> None:
    now = int(clock().timestamp())
    assertion = holder.assertion(holder.claims(exp=now + 300))
    assert (await holder.asks(assertion)).status_code == 200
    clock.now += timedelta(seconds=299)
    assert (await holder.asks(holder.assertion(holder.claims()))).status_code == 200
    assert (await holder.asks(assertion)).status_code == 401
    clock.now += timedelta(minutes=11)
    await holder.asks(holder.assertion(holder.claims()))
    used = await holder.town.serving.log.pool.fetchval("SELECT count(*) FROM access.used_tokens")
    assert used == 1, "and no longer"


BENT: dict[str, Callable[[int], dict[str, Any]]] = {
    "another audience": lambda _: {"aud": "https://elsewhere"},
    "the audience of access tokens": lambda _: {"aud": "eighthours-api"},
    "several audiences": lambda _: {"aud": ["eighthours", "elsewhere"]},
    "another issuer": lambda _: {"iss": "another"},
    "another subject": lambda _: {"sub": "another"},
    "expired": lambda now: {"iat": now - 120, "exp": now - 1},
    "ends this second": lambda now: {"iat": now - 60, "exp": now},
    "issued in the future": lambda now: {"iat": now + 6, "exp": now + 60},
    "good for too long": lambda now: {"exp": now + 301},
    "no id": lambda _: {"jti": None},
    "an empty id": lambda _: {"jti": ""},
    "an id with a zero": lambda _: {"jti": "a\u0000b"},
    "an id that is a number": lambda _: {"jti": 7},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
async def test_an_assertion_is_for_us_from_its_client_and_of_this_moment(
    holder: KeyHolder, clock: SettableClock, bent: Callable[[int], dict[str, Any]]
) -> None:
    changed = bent(int(clock().timestamp()))
    answer = await holder.asks(holder.assertion(holder.claims(**changed)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_another_clients_assertion(holder: KeyHolder, town: Town) -> None:
    other = await holding(town)
    theirs = other.assertion(other.claims())
    assert (await holder.asks(theirs)).status_code == 401
    mine_by_them = other.assertion(holder.claims(), kid=holder.key.thumbprint())
    assert (await holder.asks(mine_by_them)).status_code == 401
    assert (await holder.asks(mine_by_them, client_id=other.client_id)).status_code == 401
    assert (await other.asks(theirs)).status_code == 200


async def test_a_client_has_a_key_or_a_secret(holder: KeyHolder, town: Town) -> None:
    with_secret = town.clients["branch"]
    for secret in ("x", "0" * 43):
        answer = await town.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": holder.client_id,
                "client_secret": secret,
            },
        )
        assert answer.status_code == 401
    mine = holder.assertion(holder.claims(iss=with_secret.client_id, sub=with_secret.client_id))
    assert (await holder.asks(mine, client_id=with_secret.client_id)).status_code == 401
    for form in ({"client_secret": "x"}, {"client_id": None}, {"client_assertion_type": "x"}):
        answer = await holder.asks(holder.assertion(holder.claims()), **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_revoked_client_signs_in_vain(holder: KeyHolder, town: Town) -> None:
    assert await town.serving.clients.revoke(holder.client_id)
    assert (await holder.asks(holder.assertion(holder.claims()))).status_code == 401


@pytest.mark.parametrize("client_id", ["a\u0000b", "\u0000", "办公室", "x" * 100])
async def test_a_client_id_that_is_none(town: Town, client_id: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": client_id}
    for proof in (
        {"client_secret": "x"},
        {"client_assertion_type": ASSERTION, "client_assertion": "a.b.c"},
    ):
        answer = await town.http.post("/oauth/token", data={**form, **proof})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
