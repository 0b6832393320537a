"""账号: opened by one, put into force by another, closed at once, and told to the audit."""

from itertools import combinations
from uuid import UUID

import pytest

from service import administrators
from service.api.clients import ScopeDoesNotFit
from service.api.credentials import AccountGone
from service.api.scopes import Holder, Scope
from service.domain.account import AccountDuty
from service.domain.account_keeping import CloseAccount
from service.domain.event import Actor
from service.domain.organisation import OrganisationKind
from service.installation import Installation
from tests.api.accounts import OWN_PASSWORD, Doors, Person, type_of
from tests.api.town import ENDORSER, OFFICER, Town
from tests.database import MASTER_KEY, Database
from tests.domain.town import id_number


async def test_closing_an_account_cuts_its_tokens_off_at_once(
    doors: Doors, security: Person, officer: Person
) -> None:
    path = f"/organisations/{doors.town.id('authority')}/statistics"
    assert (await doors.get(officer, path)).is_success
    closed = await doors.post(security, f"/accounts/{officer.account_id}/closure")
    assert closed.status_code == 201, closed.text
    assert type_of(await doors.get(officer, path)) == "invalid-token"
    assert type_of(await doors.renew(officer.renewal)) == "signed-out"
    assert (await doors.sign_in(officer)).status_code == 401
    gone = await doors.town.serving.log.pool.fetch(
        "SELECT * FROM access.credentials WHERE account_id = $1", officer.account_id
    )
    assert gone == []


async def test_a_session_that_begins_while_the_account_is_closed_does_not_outlive_it(
    doors: Doors, officer: Person
) -> None:
    """Closed by somebody whose process died before it ended anything: the log decides."""
    await doors.town.serving.log.decide(
        CloseAccount(
            account_id=officer.account_id,
            by=Actor(doors.town.id("authority"), "sec"),
            at=doors.clock(),
        )
    )
    assert type_of(await doors.sign_in(officer)) == "account-not-in-force"
    assert type_of(await doors.renew(officer.renewal)) == "account-not-in-force"
    left = await doors.town.serving.log.pool.fetch(
        "SELECT * FROM access.sessions WHERE account_id = $1 AND ended_at IS NULL",
        officer.account_id,
    )
    assert left == []


async def test_credentials_are_not_given_for_an_account_that_is_closed_for_good(
    doors: Doors, town: Town, officer: Person
) -> None:
    """Decided before, given after: of giving and closing at the same moment, closing wins."""
    await town.serving.revocations.cut_off(officer.account_id, doors.clock(), for_good=True)
    await town.serving.revocations.cut_off(officer.account_id, doors.clock())
    with pytest.raises(AccountGone):
        await town.serving.credentials.give(officer.account_id, "zhang.san")


async def test_new_credentials_put_an_account_out_of_force(
    doors: Doors, system: Person, security: Person, officer: Person
) -> None:
    path = f"/organisations/{doors.town.id('authority')}/statistics"
    before = Person(officer.account_id, officer.login, officer.password, officer.codes)
    again = await doors.given(system, officer.account_id, "zhang.san")
    assert type_of(await doors.get(officer, path)) == "invalid-token"
    assert type_of(await doors.renew(officer.renewal)) == "signed-out"
    assert (await doors.sign_in(before)).status_code == 401
    doors.later(30)
    body = doors.shown(again, new_password=OWN_PASSWORD)
    assert type_of(await doors.http.post("/sign-in/password", json=body)) == "account-not-in-force"
    again = await doors.given(system, officer.account_id, "zhang.san")
    await doors.activated(security, officer.account_id)
    await doors.settled(again)
    assert (await doors.get(again, path)).is_success


async def test_an_officer_who_is_dismissed_does_not_come_in(
    doors: Doors, town: Town, officer: Person
) -> None:
    await town.done(
        "authority",
        f"/organisations/{town.id('authority')}/officers/{OFFICER['person']}/dismissal",
        {"acting_officer": ENDORSER},
    )
    assert type_of(await doors.renew(officer.renewal)) == "account-not-in-force"
    assert type_of(await doors.sign_in(officer)) == "account-not-in-force"


async def test_administrators_of_others_know_nothing_of_an_account(
    doors: Doors, officer: Person
) -> None:
    system = await doors.first(AccountDuty.SYSTEM, "foreign_authority", serial=1)
    security = await doors.first(AccountDuty.SECURITY, "foreign_authority", serial=1)
    account = f"/accounts/{officer.account_id}"
    body = {"login": "wang.wu"}
    for person, path, said in (
        (system, f"{account}/credentials", body),
        (security, f"{account}/activation", {}),
        (security, f"{account}/closure", {}),
    ):
        answer = await doors.post(person, path, said)
        assert (answer.status_code, type_of(answer)) == (404, "unknown-account")
    listed = await doors.get(security, f"/organisations/{doors.town.id('authority')}/accounts")
    assert listed.status_code == 404
    theirs = {
        "organisation_id": doors.town.id("authority"),
        "duty": "officer",
        "officer_id": OFFICER["person"],
    }
    assert (await doors.post(system, "/accounts", theirs)).status_code == 404
    assert (await doors.sign_in(officer)).is_success


async def test_who_opens_does_not_activate_and_neither_audits(
    doors: Doors, system: Person, security: Person
) -> None:
    audit = await doors.first(AccountDuty.AUDIT)
    account = f"/accounts/{system.account_id}"
    opening = {
        "organisation_id": doors.town.id("authority"),
        "duty": "audit",
        "id_number": id_number(5),
    }
    listing = f"/organisations/{doors.town.id('authority')}/accounts"
    for person, allowed in (
        (audit, {"audit"}),
        (security, {"activate", "list"}),
        # Giving oneself credentials comes last: it puts one out of force.
        (system, {"open", "credentials"}),
    ):
        answers = {
            "open": await doors.post(person, "/accounts", opening),
            "credentials": await doors.post(person, f"{account}/credentials", {"login": "abc"}),
            "activate": await doors.post(person, f"{account}/activation"),
            "list": await doors.get(person, listing),
            "audit": await doors.get(person, "/account-acts"),
            "trail": await doors.get(person, "/audit-trail"),
        }
        refused = {name for name, each in answers.items() if each.status_code == 403}
        refused |= {name for name, each in answers.items() if each.status_code == 401}
        assert refused == answers.keys() - allowed, person.login


async def test_the_login_of_another_is_taken_and_their_subject_too(
    doors: Doors, system: Person, officer: Person
) -> None:
    account_id = await doors.opened(
        system,
        organisation_id=doors.town.id("authority"),
        duty="officer",
        officer_id=ENDORSER["person"],
    )
    path = f"/accounts/{account_id}/credentials"
    answer = await doors.post(system, path, {"login": officer.login})
    assert (answer.status_code, type_of(answer)) == (409, "login-in-use")
    unusable = await doors.post(system, path, {"login": "Zhang San"})
    assert unusable.status_code == 422
    nowhere = await doors.post(system, path, {"login": "li.si", "provider_subject": "sub"})
    assert nowhere.json()["errors"][0]["pointer"] == "/provider_subject"
    head = await doors.town.serving.log.head()
    assert (await doors.town.serving.log.read(after=head)).events == []


@pytest.mark.parametrize(
    "whose",
    [
        {"duty": "officer"},
        {"duty": "officer", "officer_id": "officer-1", "id_number": id_number(3)},
        {"duty": "officer", "officer_id": "officer-1", "member_id": str(UUID(int=0))},
        {"duty": "member", "officer_id": "officer-1"},
        {"duty": "audit", "officer_id": "officer-1"},
        {"duty": "audit"},
    ],
)  # fmt: skip
async def test_an_account_is_one_persons(
    doors: Doors, system: Person, whose: dict[str, str]
) -> None:
    body = {"organisation_id": doors.town.id("authority"), **whose}
    answer = await doors.post(system, "/accounts", body)
    assert type_of(answer) == "whose-account"


async def test_credentials_are_shown_once(doors: Doors, system: Person, officer: Person) -> None:
    path = f"/api/v1/accounts/{officer.account_id}/credentials"
    headers = {**system.headers(), "Idempotency-Key": "once"}
    first = await doors.http.post(path, json={"login": "zhang.san"}, headers=headers)
    again = await doors.http.post(path, json={"login": "zhang.san"}, headers=headers)
    assert first.json()["password"]
    assert first.headers["Cache-Control"] == "no-store"
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "password" not in again.json()
    assert "totp_uri" not in again.json()


async def test_what_happened_to_accounts_is_told_to_the_audit_in_words(
    doors: Doors, town: Town, system: Person, security: Person, officer: Person
) -> None:
    audit = await doors.first(AccountDuty.AUDIT)
    await doors.post(security, f"/accounts/{officer.account_id}/closure")
    acts = (await doors.get(audit, "/account-acts?page_size=200")).json()["items"]
    of_officer = [
        (each["type"], each["actor"]["person"])
        for each in acts
        if each["data"]["account_id"] == officer.account_id
    ]
    assert of_officer == [
        ("AccountOpened", system.account_id),
        ("CredentialsGiven", system.account_id),
        ("AccountActivated", security.account_id),
        ("AccountClosed", security.account_id),
    ]
    assert {each["type"] for each in acts} == {kind for kind, _ in of_officer}
    assert acts[-1]["summary"].count("停用authority的账号")
    assert acts[0]["data"]["person"] == "【已加密】"
    elsewhere = await doors.first(AccountDuty.AUDIT, "foreign_authority", serial=1)
    seen = (await doors.get(elsewhere, "/account-acts")).json()["items"]
    assert {each["data"]["organisation_id"] for each in seen} == {town.id("foreign_authority")}


async def test_security_sees_which_accounts_there_are(
    doors: Doors, town: Town, system: Person, security: Person, officer: Person
) -> None:
    path = f"/organisations/{town.id('authority')}/accounts"
    await doors.opened(
        system, organisation_id=town.id("authority"), duty="officer", officer_id=ENDORSER["person"]
    )
    await doors.given(system, officer.account_id, "zhang.san")
    items = (await doors.get(security, path)).json()["items"]
    assert [(each["duty"], each["state"]) for each in items] == [
        ("system", "active"),
        ("security", "active"),
        ("officer", "credentials_given"),
        ("officer", "opened"),
    ]
    await doors.post(security, f"/accounts/{officer.account_id}/closure")
    items = (await doors.get(security, path)).json()["items"]
    assert items[2]["state"] == "closed"


async def test_the_first_administrators_are_opened_once(doors: Doors, database: Database) -> None:
    await doors.first(AccountDuty.SYSTEM)
    installed = Installation(database.owner_url, database.app_url, MASTER_KEY)
    for login, number in (("other", id_number(7)), ("x", id_number(8))):
        with pytest.raises(Exception, match=r"该组织已有|登录名"):
            await administrators.first_administrator(
                installed, doors.town.id("authority"), AccountDuty.SYSTEM, login, number
            )
    left = await doors.town.serving.log.pool.fetchval("SELECT count(*) FROM access.credentials")
    assert left == 1


def test_no_two_duties_share_a_right() -> None:
    for kind in OrganisationKind:
        for one, other in combinations(Holder, 2):
            shared = set(Scope.of_kind(kind, one)) & set(Scope.of_kind(kind, other))
            assert shared == set(), (kind, one, other)
    held = {holder: {each.value for each in Scope if each.holder is holder} for holder in Holder}
    assert {holder: held[holder] for holder in Holder if holder is not Holder.ORGANISATION} == {
        Holder.MEMBER: {"own:read", "own:write"},
        Holder.SYSTEM: {"accounts:open"},
        Holder.SECURITY: {"accounts:activate", "accounts:read"},
        Holder.AUDIT: {"accounts:audit"},
    }


@pytest.mark.parametrize("kind", list(OrganisationKind))
async def test_a_client_never_gets_the_right_of_a_duty(town: Town, kind: OrganisationKind) -> None:
    for scope in Scope:
        if scope.holder is not Holder.ORGANISATION:
            with pytest.raises(ScopeDoesNotFit):
                await town.serving.clients.add("client", "organisation", kind, [scope])
    _, secret = await town.serving.clients.add("client", "organisation", kind)
    assert secret
    found = (await town.serving.clients.list())[-1]
    assert {each.holder for each in Scope if each.value in found.scopes} == {Holder.ORGANISATION}
