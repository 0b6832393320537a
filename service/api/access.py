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
from joserfc.jwk import OKPKey

from service.api.decoding import LONGEST, Decoded, Key, TokenRefused, Trust, decoded
from service.api.fields import ActingOfficer
from service.api.problems import Refusal, ResourceNotFound
from service.api.request import StrictRequest
from service.api.revocations import Revoked
from service.api.scopes import Scope
from service.domain.event import Actor
from service.domain.organisation import OrganisationKind
from service.trust.master_key import MasterKey

ISSUER = "eighthours"
AUDIENCE = "eighthours-api"
LIFETIME = timedelta(minutes=15)

# RFC 9864's name for EdDSA over Ed25519; the polymorphic name "EdDSA" is deprecated.
_ALGORITHM = "Ed25519"
_TYPE = "at+jwt"
_SYSTEM = "system"
_REMEMBERED = 4096


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
    """Issues access tokens and judges them; every process with the same master key agrees.

    Signing keys follow from the master key and a generation. Which generation signs and which are
    believed, and whose tokens were taken back, is what `revoked` knows.
    """

    def __init__(self, master: MasterKey, revoked: Revoked | None = None) -> None:
        self._master = master
        self._revoked = revoked or Revoked()
        self._private: dict[int, OKPKey] = {}
        self._trust = self._trusting(self._revoked.generations)
        self._judged: OrderedDict[str, tuple[Caller, Decoded]] = OrderedDict()

    def issue(self, caller: Caller, now: datetime) -> str:
        """A token that says exactly what this caller is, for a quarter of an hour."""
        key = self._key(self._revoked.generation)
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
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": key.thumbprint()}
        return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])

    def judge(self, token: str, now: datetime) -> Caller:
        """The caller a token speaks for; InvalidToken unless everything about it is right."""
        if len(token) > LONGEST:
            raise _invalid()
        if self._trust[0] != self._revoked.generations:
            self._trust = self._trusting(self._revoked.generations)
        known = self._judged.get(token) or self._verified(token)
        caller, believed = known
        if (
            not believed.good_at(now, self._trust[1].leeway)
            or believed.kid not in self._trust[1].keys
            or self._revoked.includes(caller.client_id, believed.begins)
        ):
            raise _invalid()
        # A signature takes a hundred times as long to check as to remember.
        self._judged[token] = known
        self._judged.move_to_end(token)
        if len(self._judged) > _REMEMBERED:
            self._judged.popitem(last=False)
        return caller

    def _verified(self, token: str) -> tuple[Caller, Decoded]:
        try:
            believed = decoded(token, self._trust[1])
            claims = believed.claims
            if not claims["jti"]:
                raise _invalid()
            role = claims.get("role")
            caller = Caller(
                client_id=str(claims["client_id"]),
                organisation_id=str(claims["organisation_id"]),
                kind=OrganisationKind(claims["kind"]),
                scopes=frozenset(str(claims["scope"]).split()),
                person=None if role is None else str(claims["sub"]),
                role=None if role is None else str(role),
            )
        except (TokenRefused, KeyError, ValueError, TypeError):
            raise _invalid() from None
        return caller, believed

    def _trusting(self, generations: frozenset[int]) -> tuple[frozenset[int], Trust]:
        keys = {}
        for generation in generations:
            public = OKPKey.import_key(self._key(generation).public_key)
            keys[public.thumbprint()] = Key(public, _ALGORITHM)
        return generations, Trust(
            keys=keys, issuer=ISSUER, audience=AUDIENCE, longest=LIFETIME, type=_TYPE
        )

    def _key(self, generation: int) -> OKPKey:
        if generation not in self._private:
            purpose = "access-tokens" if generation == 0 else f"access-tokens/{generation}"
            private = Ed25519PrivateKey.from_private_bytes(self._master.derive(purpose))
            self._private[generation] = OKPKey.import_key(private)
        return self._private[generation]


def _invalid() -> InvalidToken:
    return InvalidToken(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Needs:
    """What a route needs of its caller; `route.py` asks before anything of the body is read."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: StrictRequest) -> Any:
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
