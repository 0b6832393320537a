"""登录: with password and code, and everybody who must not come in."""

import asyncio
from datetime import timedelta

import pytest

from service.api import credentials
from service.api.credentials import LOCKED_FOR, TRIES
from service.domain.account import AccountDuty
from tests.api.accounts import OWN_PASSWORD, Doors, Person, type_of
from tests.api.town import ENDORSER, OFFICER, Town

IN_PRODUCTION = credentials.PASSWORDS


async def test_the_whole_journey_of_an_officer_who_records_and_one_who_endorses(
    doors: Doors, town: Town
) -> None:
    system = await doors.first(AccountDuty.SYSTEM, "community")
    security = await doors.first(AccountDuty.SECURITY, "community")
    people = []
    for officer in (OFFICER, ENDORSER):
        account_id = await doors.opened(
            system,
            organisation_id=town.id("community"),
            duty="officer",
            officer_id=officer["person"],
        )
        person = await doors.given(system, account_id, f"login-{officer['person']}")
        assert type_of(await doors.sign_in(person)) == "choose-password"
        doors.later(30)
        early = await doors.http.post(
            "/sign-in/password", json=doors.shown(person, new_password=OWN_PASSWORD)
        )
        assert (early.status_code, type_of(early)) == (403, "account-not-in-force")
        await doors.activated(security, account_id)
        assert type_of(await doors.sign_in(person)) == "choose-password"
        await doors.settled(person)
        assert (await doors.sign_in(person)).status_code == 200
        people.append(person)
    member_id = await town.registered()
    recorded = await doors.post(
        people[0],
        f"/communities/{town.id('community')}/participations",
        {
            "member_id": member_id, "kind": "own", "content": "看望孤寡老人",
            "starts_at": "2026-11-21T09:00:00+08:00", "ends_at": "2026-11-21T11:00:00+08:00",
            "ledger": "voluntary",
        },
    )  # fmt: skip
    assert recorded.status_code == 201, recorded.text
    path = f"/participations/{recorded.json()['participation_id']}/endorsements"
    own = await doors.post(people[0], path, {"performance": "good"})
    assert own.status_code == 409, "who recorded does not endorse, whatever they sign in with"
    endorsed = await doors.post(people[1], path, {"performance": "good"})
    assert endorsed.status_code == 201, endorsed.text

    trail = await town.get("community", "/audit-trail?page_size=200", endorsed.json()["position"])
    acts = {
        each["type"]: (each["actor"]["person"], each["actor"]["role"], each["actor"]["client"])
        for each in trail.json()["items"]
    }
    for act, person, who in (
        ("ParticipationRecorded", people[0], OFFICER),
        ("ParticipationEndorsed", people[1], ENDORSER),
    ):
        assert acts[act] == (who["person"], "responsible", f"account:{person.account_id}")


async def test_an_officer_who_signed_in_cannot_name_another(doors: Doors, officer: Person) -> None:
    answer = await doors.post(
        officer,
        "/organisations",
        {
            "name": "新局", "kind": "agency_committee", "district": "某县", "area_code": "469030",
            "parent_id": doors.town.id("authority"), "acting_officer": ENDORSER,
        },
    )  # fmt: skip
    assert (answer.status_code, type_of(answer)) == (403, "officer-already-named")


async def test_what_does_not_let_anybody_in(doors: Doors, officer: Person) -> None:
    good = doors.code(officer)
    bad = f"{(int(good) + 1) % 1_000_000:06}"
    for changed in ({"password": "wrong"}, {"code": bad}, {"login": "nobody"}):
        answer = await doors.sign_in(officer, **changed)
        assert (answer.status_code, type_of(answer)) == (401, "wrong-credentials")
        assert "www-authenticate" not in answer.headers
    assert (await doors.sign_in(officer)).status_code == 200


async def test_a_code_is_good_once(doors: Doors, officer: Person) -> None:
    assert (await doors.sign_in(officer)).status_code == 200
    again = await doors.http.post("/sign-in", json=doors.shown(officer))
    assert type_of(again) == "wrong-credentials"


async def test_of_two_who_show_a_code_at_once_one_comes_in(doors: Doors, officer: Person) -> None:
    doors.later(30)
    shown = doors.shown(officer)
    answers = await asyncio.gather(*(doors.http.post("/sign-in", json=shown) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [200, 401]


async def test_the_code_of_the_half_minute_before_is_taken_and_no_older_one(
    doors: Doors, officer: Person
) -> None:
    doors.later(300)
    shown = doors.shown(officer)
    doors.later(60)
    assert (await doors.http.post("/sign-in", json=shown)).status_code == 401
    shown = doors.shown(officer)
    doors.later(30)
    assert (await doors.http.post("/sign-in", json=shown)).status_code == 200
    doors.later(300)
    ahead = doors.shown(officer, code=officer.codes.at(doors.clock() + timedelta(seconds=30)))
    assert (await doors.http.post("/sign-in", json=ahead)).status_code == 401


@pytest.mark.parametrize("login", ["zhang.san", "nobody"])
async def test_after_five_wrong_tries_a_name_is_locked_whether_somebody_has_it_or_not(
    doors: Doors, officer: Person, login: str
) -> None:
    for _ in range(TRIES):
        answer = await doors.sign_in(officer, login=login, password="wrong")
        assert answer.status_code == 401
    locked = await doors.sign_in(officer, login=login)
    assert (locked.status_code, type_of(locked)) == (429, "sign-in-locked")
    seconds = int(locked.headers["Retry-After"])
    assert seconds <= LOCKED_FOR.total_seconds()
    doors.later(seconds - 31)
    assert (await doors.sign_in(officer, login=login)).status_code == 429, "tried on meanwhile"
    doors.later(1)
    assert (await doors.sign_in(officer)).status_code == 200


async def test_many_tries_at_once_are_no_more_than_five(doors: Doors, officer: Person) -> None:
    doors.later(30)
    wrong = doors.shown(officer, password="wrong")
    answers = await asyncio.gather(*(doors.http.post("/sign-in", json=wrong) for _ in range(12)))
    assert sorted(each.status_code for each in answers) == [401] * TRIES + [429] * 7


async def test_a_good_try_forgets_the_bad_ones(doors: Doors, officer: Person) -> None:
    for _ in range(2):
        for _ in range(TRIES - 1):
            await doors.sign_in(officer, password="wrong")
        assert (await doors.sign_in(officer)).status_code == 200


async def test_tries_are_forgotten_with_the_lock(doors: Doors, officer: Person) -> None:
    await doors.sign_in(officer, login="nobody")
    doors.later(LOCKED_FOR.total_seconds())
    assert (await doors.sign_in(officer)).status_code == 200
    assert await doors.town.serving.log.pool.fetch("SELECT * FROM access.sign_in_tries") == []


async def test_tries_from_one_place_and_of_one_name_are_slowed_down(
    doors: Doors, officer: Person
) -> None:
    shown = doors.shown(officer, password="wrong")
    of_one = {(await doors.http.post("/sign-in", json=shown)).status_code for _ in range(21)}
    assert of_one == {401, 429}
    answer = await doors.http.post("/sign-in", json=shown)
    assert type_of(answer) == "too-many-requests"
    for n in range(80):
        answer = await doors.http.post("/sign-in", json={**shown, "login": f"name{n}", "code": "1"})
        if answer.status_code == 429:
            break
        assert answer.status_code == 422, "a form that is wrong is not judged"
    for _ in range(100):
        doors.town.serving.sign_in_places.wait("127.0.0.1", doors.clock().timestamp())
    answer = await doors.http.post("/sign-in", json={**shown, "login": "another"})
    assert type_of(answer) == "too-many-requests"
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"login": "a\u0000b"},
        {"password": "a\u0000b"},
        {"password": ""},
        {"password": "x" * 201},
        {"code": "12345"},
        {"code": "１２３４５６"},
        {"otp": "123456"},
    ],
)
async def test_what_is_no_form_is_refused_before_it_is_judged(
    doors: Doors, changed: dict[str, str]
) -> None:
    body = {"login": "x", "password": "y", "code": "123456", **changed}
    answer = await doors.http.post("/sign-in", json=body)
    assert answer.status_code == 422
    assert (await doors.http.post("/sign-in/renewal", json={"renewal_token": "\u0000"})).is_error


@pytest.mark.parametrize(
    "password", ["kurz", "x" * 201, "my-name-is-Zhang.San!", OWN_PASSWORD], ids=str
)
async def test_a_weak_password_is_not_taken(doors: Doors, officer: Person, password: str) -> None:
    doors.later(30)
    answer = await doors.http.post(
        "/sign-in/password", json=doors.shown(officer, new_password=password)
    )
    assert type_of(answer) in {"invalid-request", "weak-password"}
    assert password not in answer.text


async def test_no_token_is_issued_that_would_not_be_good(
    doors: Doors, system: Person, security: Person
) -> None:
    person = await doors.officer(system, security, OFFICER["person"], "li.si")
    body = doors.shown(person, new_password=OWN_PASSWORD)
    answer = await doors.http.post("/sign-in/password", json=body)
    assert (answer.status_code, type_of(answer)) == (403, "account-not-in-force")
    assert answer.headers["Retry-After"] == "5"
    await doors.settled(person)
    path = f"/organisations/{doors.town.id('authority')}/statistics"
    assert (await doors.get(person, path)).is_success


async def test_whoever_gave_the_credentials_cannot_use_them_any_more(
    doors: Doors, system: Person, security: Person
) -> None:
    person = await doors.officer(system, security, OFFICER["person"], "li.si")
    seen = Person(person.account_id, person.login, person.password, person.codes)
    await doors.settled(person)
    for password in (seen.password, person.password):
        assert (await doors.sign_in(seen, password=password)).status_code == 401
    assert (await doors.sign_in(person)).status_code == 200


async def test_what_is_stored_lets_nobody_in(doors: Doors, officer: Person) -> None:
    pool = doors.town.serving.log.pool
    stored = repr(
        [
            tuple(row)
            for table in ("credentials", "sessions", "sign_in_tries")
            for row in await pool.fetch(f"SELECT * FROM access.{table}")  # noqa: S608
        ]
    )
    assert OWN_PASSWORD not in stored
    assert officer.codes.secret not in stored
    assert officer.renewal not in stored
    assert officer.renewal.rsplit(".", 1)[1] not in stored


async def test_a_guess_costs_what_it_should(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "PASSWORDS", IN_PRODUCTION)
    system = await doors.first(AccountDuty.SYSTEM)
    pool = doors.town.serving.log.pool
    hashes = [row[0] for row in await pool.fetch("SELECT password_hash FROM access.credentials")]
    assert [each.rpartition("$")[0].rpartition("$")[0] for each in hashes] == [
        "$argon2id$v=19$m=65536,t=3,p=4"
    ]
    assert (await doors.sign_in(system, password="something else")).status_code == 401
    assert (await doors.sign_in(system)).status_code == 200
