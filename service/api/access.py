"""Who is calling, and for which organisation: the one place where a token is judged.

Whether this is the organisation a member belongs to or registered with is decided in the commands,
from events; whether the caller may act for the organisation in the path at all, here.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from service.api.fields import ActingOfficer
from service.api.problems import Refusal, ResourceNotFound
from service.api.scopes import Scope
from service.domain.event import Actor
from service.domain.organisation import OrganisationKind
from service.trust.keyring import MasterKey

ISSUER = "eighthours"
AUDIENCE = "eighthours-api"
LIFETIME = timedelta(minutes=15)
LONGEST_TOKEN = 8 * 1024

# RFC 9864's name for EdDSA over Ed25519; the polymorphic name "EdDSA" is deprecated.
_ALGORITHM = "Ed25519"
_TYPE = "at+jwt"
_SYSTEM = "system"
_REMEMBERED = 4096
_LEEWAY = timedelta(seconds=5)
"""How far the clocks of two of our own machines may be apart."""


class AuthenticationRequired(Refusal):
    """须出示访问令牌。"""

    status = 401


class InvalidToken(Refusal):
    """访问令牌无效或已过期。"""

    status = 401


class InsufficientScope(Refusal):
    """访问令牌没有这项权限。"""

    status = 403


class OrganisationKindNotAllowed(Refusal):
    """这一类组织不能办理此事。"""

    status = 403


class OfficerAlreadyNamed(Refusal):
    """访问令牌已写明办理人，不得另行指定。"""

    status = 403


@dataclass(frozen=True, slots=True)
class Caller:
    """A client acting for one organisation, perhaps as one person inside it."""

    client_id: str
    organisation_id: str
    kind: OrganisationKind
    scopes: frozenset[str]
    person: str | None = None
    role: str | None = None

    def actor(self, officer: ActingOfficer | None = None) -> Actor:
        """Who acts: the person of the token, or the one a system names; else the system itself."""
        if self.person is not None:
            if officer is not None:
                raise OfficerAlreadyNamed
            return Actor(self.organisation_id, self.person, self.role or "officer", self.client_id)
        if officer is None:
            return Actor(self.organisation_id, self.client_id, _SYSTEM, self.client_id)
        return Actor(self.organisation_id, officer.person, officer.role, self.client_id)


class Tokens:
    """Issues access tokens and judges them; every process with the same master key agrees."""

    def __init__(self, master: MasterKey) -> None:
        private = Ed25519PrivateKey.from_private_bytes(master.derive("access-tokens"))
        self._private = OKPKey.import_key(private)
        self._public = OKPKey.import_key(private.public_key())
        self._kid = self._public.thumbprint()
        self._judged: OrderedDict[str, tuple[Caller, float, float]] = OrderedDict()

    def issue(self, caller: Caller, now: datetime) -> str:
        """A token that says exactly what this caller is, for a quarter of an hour."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": caller.person or caller.client_id,
            "client_id": caller.client_id,
            "organisation_id": caller.organisation_id,
            "kind": caller.kind.value,
            "scope": " ".join(sorted(caller.scopes)),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        if caller.role is not None:
            claims["role"] = caller.role
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": self._kid}
        return jwt.encode(header, claims, self._private, algorithms=[_ALGORITHM])

    def judge(self, token: str, now: datetime) -> Caller:
        """The caller a token speaks for; InvalidToken unless everything about it is right."""
        if len(token) > LONGEST_TOKEN:
            raise _invalid()
        moment = now.timestamp()
        known = self._judged.get(token)
        if known is None:
            known = self._verified(token)
        caller, begins, ends = known
        if not begins - _LEEWAY.total_seconds() <= moment < ends:
            raise _invalid()
        # A signature takes a hundred times as long to check as to remember.
        self._judged[token] = known
        self._judged.move_to_end(token)
        if len(self._judged) > _REMEMBERED:
            self._judged.popitem(last=False)
        return caller

    def _verified(self, token: str) -> tuple[Caller, float, float]:
        try:
            decoded = jwt.decode(token, self._public, algorithms=[_ALGORITHM])
            header, claims = decoded.header, decoded.claims
            if (header.get("typ"), header.get("kid")) != (_TYPE, self._kid):
                raise _invalid()
            if (claims["iss"], claims["aud"]) != (ISSUER, AUDIENCE) or not claims["jti"]:
                raise _invalid()
            begins, ends = max(int(claims["iat"]), int(claims["nbf"])), int(claims["exp"])
            role = claims.get("role")
            caller = Caller(
                client_id=str(claims["client_id"]),
                organisation_id=str(claims["organisation_id"]),
                kind=OrganisationKind(claims["kind"]),
                scopes=frozenset(str(claims["scope"]).split()),
                person=None if role is None else str(claims["sub"]),
                role=None if role is None else str(role),
            )
        except (JoseError, KeyError, ValueError, TypeError):
            raise _invalid() from None
        if ends - begins > LIFETIME.total_seconds():
            raise _invalid()
        return caller, begins, ends


def _invalid() -> InvalidToken:
    return InvalidToken(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Needs:
    """What a route needs of its caller; `route.py` asks before anything of the body is read."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Any:
        """What the route function gets: the caller."""
        return request.state.caller

    def admit(self, tokens: Tokens, request: Request, now: datetime) -> Caller:
        """The caller, if the token is good and gives this scope to an organisation of its kind."""
        presented = request.headers.getlist("authorization")
        scheme, _, token = presented[0].partition(" ") if len(presented) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationRequired(headers={"WWW-Authenticate": "Bearer"})
        caller = tokens.judge(token.strip(), now)
        if self.scope not in caller.scopes:
            raise InsufficientScope(
                f"须有权限 {self.scope.value}（{self.scope.word}）。",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'
                },
            )
        if caller.kind not in self.scope.kinds:
            raise OrganisationKindNotAllowed(f"{caller.kind.word}不能办理：{self.scope.word}。")
        return caller


def needs(scope: Scope) -> Any:
    """Marks a route: ``caller: Annotated[Caller, needs(Scope.MEMBERS_READ)]``."""
    return Depends(Needs(scope))


def acting_for(caller: Caller, organisation_id: str, *kinds: OrganisationKind) -> None:
    """The caller acts for this organisation of the path and for no other.

    403 where no organisation of its kind may do this. Another organisation's id is answered like
    one that does not exist.
    """
    if kinds and caller.kind not in kinds:
        words = "、".join(kind.word for kind in kinds)
        raise OrganisationKindNotAllowed(f"此事由{words}办理。")
    if caller.organisation_id != organisation_id:
        raise ResourceNotFound
