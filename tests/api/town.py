"""The town of the API's tests, and short ways to do in it what many tests need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from service.api.access import Caller
from service.api.scopes import Holder, Scope
from service.api.serving import Serving
from service.domain.organisation import OrganisationKind
from tests.domain.town import id_number

ORGANISATIONS = {
    "authority": ("personnel_authority", None, "469030"),
    "committee": ("agency_committee", "authority", "469030"),
    "branch": ("branch", "committee", "469030"),
    "other_branch": ("branch", "committee", "469030"),
    "foreign_authority": ("personnel_authority", None, "460200"),
    "foreign_committee": ("agency_committee", "foreign_authority", "460200"),
    "foreign_branch": ("branch", "foreign_committee", "460200"),
    "foreign_subdistrict": ("subdistrict", None, "460200"),
    "subdistrict": ("subdistrict", None, "469030"),
    "community": ("community", "subdistrict", "469030100001"),
    "other_community": ("community", "subdistrict", "469030100002"),
}
"""Kind, parent and area code by name."""

OFFICER = {"person": "officer-1", "role": "responsible"}
ENDORSER = {"person": "officer-2", "role": "responsible"}


@dataclass(frozen=True)
class Client:
    """A client of one organisation."""

    organisation_id: str
    client_id: str
    secret: str
    caller: Caller


Clients = dict[str, Client]


def entry(serial: int = 1, **fields: Any) -> dict[str, Any]:
    """What a branch writes about a new member."""
    return {
        "member_no": f"QZ{serial:05}",
        "name": "王小明",
        "id_number": id_number(serial % 1000),
        "phone": "13800001234",
        "specialities": ["书法"],
        **fields,
    }


class Town:
    """Speaks to the API as any organisation of the town."""

    def __init__(self, http: httpx.AsyncClient, serving: Serving, clients: Clients) -> None:
        self.http = http
        self.serving = serving
        self.clients = clients

    @staticmethod
    def client(organisation_id: str, client_id: str, secret: str, caller: Caller) -> Client:
        return Client(organisation_id, client_id, secret, caller)

    def id(self, name: str) -> str:
        return self.clients[name].organisation_id

    def token(self, name: str) -> str:
        return self.serving.tokens.issue(self.clients[name].caller, self.serving.clock())

    def held_token(self, name: str, holder: Holder, person: str = "somebody") -> str:
        """The token of somebody who has signed in, with the rights of a holder of this kind."""
        kind = OrganisationKind(ORGANISATIONS[name][0])
        scopes = frozenset(scope.value for scope in Scope.of_kind(kind, holder))
        account = f"account:of-{person}"
        caller = Caller(account, self.id(name), kind, scopes, person, holder.name.lower())
        return self.serving.tokens.issue(caller, self.serving.clock())

    def headers(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(name)}"}

    async def post(
        self, name: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """A write by this organisation's client, its responsible officer acting."""
        if isinstance(body, dict) and "acting_officer" not in body:
            body = {**body, "acting_officer": OFFICER}
        headers = {**self.headers(name), "Idempotency-Key": key or str(uuid4())}
        return await self.http.post(f"/api/v1{path}", json=body, headers=headers, **more)

    async def done(self, name: str, path: str, body: Any = None) -> dict[str, Any]:
        """A write that must succeed."""
        answer = await self.post(name, path, {} if body is None else body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, name: str, path: str, at_least: int = 0, **headers: str) -> httpx.Response:
        """A read, tried again while the view is behind."""
        headers = {**self.headers(name), "X-Position-At-Least": str(at_least), **headers}
        for _ in range(100):
            answer = await self.http.get(f"/api/v1{path}", headers=headers)
            if answer.status_code != 425:
                break
        return answer

    async def member(self, serial: int = 1, **fields: Any) -> str:
        """A member of the branch."""
        path = f"/branches/{self.id('branch')}/members"
        return str((await self.done("branch", path, entry(serial, **fields)))["member_id"])

    async def registered(self, serial: int = 1, community: str = "community") -> str:
        """A member of the branch who is registered with a community."""
        member_id = await self.member(serial)
        certificate = await self.done("branch", f"/members/{member_id}/certificates")
        registration = await self.done(
            "branch",
            "/registrations",
            {
                "member_id": member_id,
                "community_id": self.id(community),
                "certificate_no": certificate["certificate_no"],
                "intake": {"residence": "营根镇海榆路1号", "phone": "13800001234"},
            },
        )
        registration_id = registration["registration_id"]
        await self.done(community, f"/registrations/{registration_id}/acceptance")
        return member_id

    async def activity(self, starts_at: str, ends_at: str, **fields: Any) -> str:
        """A published activity of the community."""
        activity = await self.done(
            "community",
            f"/communities/{self.id('community')}/activities",
            {
                "title": "清洁家园",
                "kind": "community",
                "category": "环境卫生",
                "starts_at": starts_at,
                "ends_at": ends_at,
                "place": "海榆路",
                **fields,
            },
        )
        await self.done("community", f"/activities/{activity['activity_id']}/publication")
        return str(activity["activity_id"])

    async def endorsed(
        self, member_id: str, starts_at: str, ends_at: str, **fields: Any
    ) -> tuple[str, int]:
        """A participation of the member's own, recorded and endorsed; its id and a position."""
        recorded = await self.done(
            "community",
            f"/communities/{self.id('community')}/participations",
            {
                "member_id": member_id,
                "kind": "own",
                "starts_at": starts_at,
                "ends_at": ends_at,
                "content": "看望孤寡老人",
                "ledger": "voluntary",
                **fields,
            },
        )
        participation_id = recorded["participation_id"]
        endorsement = await self.done(
            "community",
            f"/participations/{participation_id}/endorsements",
            {"performance": "good", "acting_officer": ENDORSER},
        )
        return participation_id, endorsement["position"]

    def at(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment)
