"""统一身份认证: a real provider on a real socket, and everybody it does not vouch for."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hmac import digest
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512
from fastapi import FastAPI
from joserfc.jwk import ECKey, OKPKey, RSAKey
from starlette.responses import JSONResponse, Response

from service.api.openid import PATIENCE, OpenId, Provider
from service.domain.account import AccountDuty
from service.domain.account_keeping import CloseAccount, OpenAccount
from service.domain.event import Actor
from tests.api.accounts import Doors
from tests.api.clock import SettableClock
from tests.api.issuer import CLIENT, SECRET, Granted, Issuer
from tests.api.town import OFFICER, Town
from tests.api.wire import listening
from tests.database import MASTER_KEY
from tests.domain.town import id_number

PUBLIC = "http://eighthours"


class Browser:
    """Goes from the service to the provider and back, with the service's cookies."""

    def __init__(self, town: Town, app: FastAPI, issuer: Issuer) -> None:
        self.town = town
        self.app = app
        self.issuer = issuer
        self.http = town.http

    def connect(self, public_url: str = PUBLIC, **changed: str) -> None:
        """Lets the service know its provider."""
        known = {"issuer": self.issuer.url, "client_id": CLIENT, "client_secret": SECRET}
        provider = Provider(**{**known, "public_url": public_url, **changed})
        openid = OpenId(provider, MASTER_KEY)
        self.app.state.serving = replace(self.town.serving, openid=openid)

    async def begun(self) -> httpx.Response:
        return await self.http.get("/sign-in/provider")

    async def returned(self) -> dict[str, str]:
        """What the browser brings back."""
        place = (await self.begun()).headers["Location"]
        async with httpx.AsyncClient() as http:
            sent_back = (await http.get(place)).headers["Location"]
        assert sent_back.startswith(f"{PUBLIC}/sign-in/provider/return?")
        return {name: each[0] for name, each in parse_qs(urlsplit(sent_back).query).items()}

    async def came_back(self, query: dict[str, str]) -> httpx.Response:
        return await self.http.get(f"/sign-in/provider/return?{urlencode(query)}")

    async def signed_in(self) -> httpx.Response:
        return await self.came_back(await self.returned())


@pytest.fixture
async def issuer(clock: SettableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock)
    async with listening(issuer.app()) as url:
        issuer.url = url
        yield issuer


@pytest.fixture
async def browser(town: Town, app: FastAPI, issuer: Issuer) -> Browser:
    browser = Browser(town, app, issuer)
    browser.connect()
    return browser


@pytest.fixture
async def linked(town: Town, issuer: Issuer) -> str:
    """An account in force whose owner the provider knows."""
    number = id_number(901)
    await town.serving.log.decide(
        OpenAccount(
            account_id="auditor",
            organisation_id=town.id("authority"),
            duty=AccountDuty.AUDIT,
            person=town.serving.log.keyring.person_hash(number),
            id_number=number,
            first=True,
            by=Actor(town.id("authority"), "operator"),
            at=town.serving.clock(),
        )
    )
    await town.serving.credentials.give("auditor", "auditor", (issuer.url, issuer.subject))
    return "auditor"


async def refused(
    answer: httpx.Response, status: int = 401, code: str = "provider-refused"
) -> None:
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code)
    assert "access_token" not in answer.text


async def test_somebody_signs_in_by_way_of_the_provider(
    browser: Browser, linked: str, town: Town
) -> None:
    answer = await browser.signed_in()
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.json()["person"], answer.json()["scope"]) == (linked, "accounts:audit")
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await town.http.get("/api/v1/account-acts", headers=headers)).status_code == 200
    renewed = await town.http.post(
        "/sign-in/renewal", json={"renewal_token": answer.json()["renewal_token"]}
    )
    assert renewed.status_code == 200
    assert browser.issuer.asked == ["client_secret_basic"]


async def test_an_officer_is_linked_when_credentials_are_given(
    doors: Doors, browser: Browser, issuer: Issuer
) -> None:
    system, security = [
        await doors.first(duty) for duty in (AccountDuty.SYSTEM, AccountDuty.SECURITY)
    ]
    whose = {"organisation_id": doors.town.id("authority"), "duty": "officer"}
    account_id = await doors.opened(system, **whose, officer_id=OFFICER["person"])
    await doors.given(system, account_id, "zhang.san", provider_subject=issuer.subject)
    await refused(await browser.signed_in(), 403, "account-not-in-force")
    await doors.activated(security, account_id)
    doors.later(30)
    answer = await browser.signed_in()
    assert answer.json()["person"] == OFFICER["person"]

    another = await doors.opened(system, **whose, officer_id="officer-2")
    taken = await doors.post(
        system,
        f"/accounts/{another}/credentials",
        {"login": "li.si", "provider_subject": issuer.subject},
    )
    await refused(taken, 409, "subject-in-use")
    # Credentials without a subject take the place of those with one.
    await doors.given(system, account_id, "zhang.san")
    await doors.activated(security, account_id)
    await refused(await browser.signed_in(), 403, "account-not-in-force")


def own(kind: str) -> RSAKey | ECKey | OKPKey:
    if kind == "RS256":
        return RSAKey.generate_key(2048, {"kid": "own", "alg": "RS256"})
    if kind == "ES256":
        return ECKey.generate_key("P-256", {"kid": "own", "alg": "ES256"})
    return OKPKey.generate_key("Ed25519", {"kid": "own", "alg": kind})


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "Ed25519"])
async def test_a_provider_signs_with_what_its_keys_say(
    browser: Browser, linked: str, issuer: Issuer, algorithm: str
) -> None:
    if algorithm == "PS256":
        issuer.key = RSAKey.generate_key(2048, {"kid": "own", "alg": "PS256"})
    else:
        issuer.key = own(algorithm)
    assert (await browser.signed_in()).json()["person"] == linked
    # Whatever else lies in the key set does no harm.
    issuer.published = [
        {"kty": "oct", "kid": "own", "k": "AAAA"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "kid": "for-encryption", "use": "enc"},
        {"kid": "nameless"},
        issuer.key.as_dict(private=False),
    ]
    assert (await browser.signed_in()).json()["person"] == linked


async def test_a_provider_that_wants_its_secret_in_the_form_gets_it_there(
    browser: Browser, linked: str, issuer: Issuer
) -> None:
    issuer.description["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert (await browser.signed_in()).json()["person"] == linked
    assert issuer.asked == ["client_secret_post"]


CLAIMS: dict[str, dict[str, Any]] = {
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "http://127.0.0.1:1"},
    "another audience": {"aud": "another"},
    "several audiences": {"aud": [CLIENT, "another"]},
    "nobody": {"sub": ""},
    "a subject that is no text": {"sub": 7},
    "a subject with a zero": {"sub": "sub-of-zhang-san\u0000"},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
async def test_what_the_provider_does_not_vouch_for(
    browser: Browser, linked: str, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert linked
    issuer.claims = claims
    await refused(await browser.signed_in())


@pytest.mark.parametrize(
    ("issued", "ends"), [(-600, -1), (61, 300), (0, 24 * 3600 + 1)], ids=["old", "early", "long"]
)
async def test_an_id_token_is_of_this_moment(
    browser: Browser, linked: str, issuer: Issuer, issued: int, ends: int
) -> None:
    assert linked
    now = int(issuer.clock().timestamp())
    issuer.claims = {"iat": now + issued, "exp": now + ends}
    await refused(await browser.signed_in())


async def test_a_key_that_the_provider_does_not_publish(
    browser: Browser, linked: str, issuer: Issuer
) -> None:
    assert linked
    published = [issuer.key.as_dict(private=False)]
    issuer.published = published
    issuer.key = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})
    await refused(await browser.signed_in())
    issuer.header = {"kid": "another"}
    await refused(await browser.signed_in())


def with_nothing(_: Issuer, _content: bytes) -> bytes:
    return b""


def with_the_public_key(issuer: Issuer, content: bytes) -> bytes:
    return digest(issuer.key.as_pem(private=False), content, "sha256")


def with_a_longer_hash(issuer: Issuer, content: bytes) -> bytes:
    private = issuer.key.private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    return private.sign(content, PKCS1v15(), SHA512())


@pytest.mark.parametrize(
    ("algorithm", "sign"),
    [("none", with_nothing), ("HS256", with_the_public_key), ("RS512", with_a_longer_hash)],
)
@pytest.mark.parametrize("published", ["RS256", "none", "HS256"])
async def test_another_algorithm_than_the_keys(
    browser: Browser,
    linked: str,
    issuer: Issuer,
    algorithm: str,
    sign: Callable[[Issuer, bytes], bytes],
    published: str,
) -> None:
    assert linked
    issuer.published = [issuer.key.as_dict(private=False) | {"alg": published}]
    issuer.header = {"alg": algorithm}
    issuer.sign = partial(sign, issuer)
    await refused(await browser.signed_in())


async def test_a_code_of_another_client(browser: Browser, linked: str, issuer: Issuer) -> None:
    assert linked
    query = await browser.returned()
    mine = issuer.granted[query["code"]]
    code = issuer.grant(Granted("another", mine.redirect_uri, mine.challenge, mine.nonce))
    await refused(await browser.came_back({**query, "code": code}))


async def test_a_code_that_another_browser_got(browser: Browser, linked: str) -> None:
    """The thief's code in the victim's browser: PKCE and the nonce belong to the cookie."""
    assert linked
    stolen = await browser.returned()
    browser.http.cookies.clear()
    mine = await browser.returned()
    await refused(await browser.came_back({**mine, "code": stolen["code"]}))
    await refused(await browser.came_back({"code": stolen["code"], "state": mine["state"]}))


async def test_a_code_is_good_once(browser: Browser, linked: str) -> None:
    assert linked
    query, cookie = await browser.returned(), dict(browser.http.cookies)
    assert (await browser.came_back(query)).status_code == 200
    assert dict(browser.http.cookies) == {}, "the cookie goes with its use"
    browser.http.cookies.update(cookie)
    await refused(await browser.came_back(query))


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}, {"code": ""}])
async def test_what_comes_back_is_what_was_sent(
    browser: Browser, linked: str, changed: dict[str, str]
) -> None:
    assert linked
    await refused(await browser.came_back({**await browser.returned(), **changed}))


async def test_another_provider_does_not_answer(
    browser: Browser, linked: str, issuer: Issuer
) -> None:
    query = await browser.returned()
    await refused(await browser.came_back({**query, "iss": "https://evil.example"}))
    issuer.description["authorization_response_iss_parameter_supported"] = True
    query = await browser.returned()
    await refused(await browser.came_back(query))
    query = await browser.returned()
    answer = await browser.came_back({**query, "iss": issuer.url})
    assert answer.json()["person"] == linked


async def test_the_cookie_is_ours_and_fresh(
    browser: Browser, linked: str, clock: SettableClock
) -> None:
    assert linked
    query = await browser.returned()
    [(name, cookie)] = browser.http.cookies.items()
    middle = len(cookie) // 2
    tampered = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    for forged in (tampered, "", "short", cookie[:20], "一"):
        browser.http.cookies.clear()
        headers = {b"Cookie": f"{name}={forged}".encode()}
        answer = await browser.http.get(
            f"/sign-in/provider/return?{urlencode(query)}", headers=headers
        )
        await refused(answer)
    browser.http.cookies.clear()
    browser.http.cookies.set(name, cookie)
    clock.now += PATIENCE + timedelta(seconds=1)
    await refused(await browser.came_back(query))


@pytest.mark.parametrize("public_url", [PUBLIC, "https://jilu.example.gov.cn"])
async def test_the_cookie_is_for_nobody_else(browser: Browser, public_url: str) -> None:
    browser.connect(public_url)
    answer = await browser.begun()
    assert answer.status_code == 303
    said = answer.headers["Set-Cookie"].lower()
    flags = {each.strip() for each in said.split(";")[1:]}
    expected = {"httponly", "max-age=600", "path=/sign-in/", "samesite=lax"}
    assert flags == (expected | {"secure"} if public_url.startswith("https") else expected)
    place = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert place["redirect_uri"] == [f"{public_url}/sign-in/provider/return"]
    assert place["scope"] == ["openid"]
    [value] = [each.partition("=")[2] for each in answer.headers["Set-Cookie"].split(";")[:1]]
    assert place["state"][0] not in value
    assert place["nonce"][0] not in value


async def test_somebody_without_an_account(
    browser: Browser, linked: str, issuer: Issuer, town: Town
) -> None:
    issuer.subject = "sub-of-somebody-else"
    await refused(await browser.signed_in(), 403, "account-not-in-force")
    issuer.subject = "sub-of-zhang-san"
    await town.serving.log.decide(
        CloseAccount(
            account_id=linked, by=Actor(town.id("authority"), "sec"), at=town.serving.clock()
        )
    )
    await refused(await browser.signed_in(), 403, "account-not-in-force")


async def test_the_subject_of_another_provider_is_somebody_else(
    browser: Browser, issuer: Issuer, town: Town, linked: str
) -> None:
    await town.serving.credentials.give(linked, linked, ("http://127.0.0.1:1", issuer.subject))
    await refused(await browser.signed_in(), 403, "account-not-in-force")


BROKEN: dict[str, tuple[str, Response]] = {
    "no description": ("/.well-known/openid-configuration", Response(status_code=500)),
    "a description that is a page": ("/.well-known/openid-configuration", Response("<html>")),
    "a description that is a list": ("/.well-known/openid-configuration", JSONResponse([])),
    "no keys": ("/keys", Response(status_code=503)),
    "no token": ("/token", JSONResponse({"access_token": "-"})),
    "a token that is an object": ("/token", JSONResponse({"id_token": {}})),
    "an answer from nowhere": ("/token", Response(status_code=302, headers={"Location": "/x"})),
    "does not know us": ("/token", JSONResponse({"error": "invalid_client"}, status_code=401)),
}


@pytest.mark.parametrize(("path", "answer"), BROKEN.values(), ids=BROKEN)
async def test_a_provider_that_is_out_of_order_is_not_somebody_who_lies(
    browser: Browser,
    linked: str,
    issuer: Issuer,
    path: str,
    answer: Response,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert linked
    query = await browser.returned()
    issuer.answers[path] = answer
    with caplog.at_level(logging.WARNING, "service.api.provider"):
        came_back = await browser.came_back(query)
    await refused(came_back, 503, "provider-unavailable")
    assert int(came_back.headers["Retry-After"]) > 0
    assert "the OpenID provider cannot be used" in caplog.text
    assert query["code"] not in caplog.text
    if path.startswith("/.well-known"):
        await refused(await browser.begun(), 503, "provider-unavailable")


async def test_a_provider_that_is_down(browser: Browser) -> None:
    browser.connect(issuer="http://127.0.0.1:1")
    await refused(await browser.begun(), 503, "provider-unavailable")


async def test_a_description_that_speaks_for_somebody_else(
    browser: Browser, issuer: Issuer
) -> None:
    issuer.description["issuer"] = "https://evil.example"
    await refused(await browser.begun(), 503, "provider-unavailable")
    issuer.description = {"authorization_endpoint": None}
    await refused(await browser.begun(), 503, "provider-unavailable")


async def test_without_a_provider_there_is_none(town: Town) -> None:
    for path in ("/sign-in/provider", "/sign-in/provider/return?state=a&code=b"):
        await refused(await town.http.get(path), 404, "no-provider")


async def test_too_many_who_go_to_the_provider(browser: Browser) -> None:
    answers = [(await browser.begun()).status_code for _ in range(2)]
    assert answers == [303, 303]
    now = browser.town.serving.clock().timestamp()
    while not browser.town.serving.sign_in_places.wait("127.0.0.1", now):
        pass
    await refused(await browser.begun(), 429, "too-many-requests")
    await refused(await browser.came_back({"code": "a"}), 429, "too-many-requests")
