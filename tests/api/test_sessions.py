"""续期与退出: a session lasts a working day, and each renewal token is good once."""

from service.api.sessions import LASTS
from tests.api.accounts import OWN_PASSWORD, Doors, Person, type_of
from tests.api.town import OFFICER


async def test_a_new_password_ends_what_was_signed_in_with_the_old_one(
    doors: Doors, officer: Person
) -> None:
    before, codes = officer.renewal, officer.codes
    answer = await doors.settled(officer, "another long password")
    assert answer.json()["totp_uri"] is None
    assert officer.codes is codes
    assert type_of(await doors.renew(before)) == "signed-out"
    assert (await doors.sign_in(officer, password=OWN_PASSWORD)).status_code == 401
    assert (await doors.sign_in(officer)).status_code == 200


async def test_a_renewal_gives_the_next_tokens(doors: Doors, officer: Person) -> None:
    doors.later(899)
    answer = await doors.renew(officer.renewal)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    officer.token = answer.json()["access_token"]
    doors.later(10)
    organisation = doors.town.id("authority")
    assert (await doors.get(officer, f"/organisations/{organisation}/statistics")).is_success
    assert answer.json()["person"] == OFFICER["person"]
    doors.later(LASTS.total_seconds())
    assert type_of(await doors.renew(answer.json()["renewal_token"])) == "signed-out"


async def test_a_renewal_token_that_is_used_twice_ends_the_session(
    doors: Doors, officer: Person
) -> None:
    following = (await doors.renew(officer.renewal)).json()["renewal_token"]
    assert type_of(await doors.renew(officer.renewal)) == "signed-out"
    assert type_of(await doors.renew(following)) == "signed-out", "the thief's or the owner's"


async def test_a_renewal_token_is_not_made_up(doors: Doors, officer: Person) -> None:
    session_id, generation, proof = officer.renewal.split(".")
    for forged in (
        f"{session_id}.{int(generation) + 1}.{proof}",
        f"{session_id}.{generation}.{proof[:-2]}AA",
        f"{session_id.upper()}.{generation}.{proof}",
        f"{session_id}.{generation}",
        "nothing",
        "..",
    ):
        assert type_of(await doors.renew(forged)) == "signed-out", forged
    assert (await doors.renew(officer.renewal)).is_success, "a forgery ends nobody's session"


async def test_signing_out(doors: Doors, officer: Person) -> None:
    body = {"renewal_token": officer.renewal}
    assert (await doors.http.post("/sign-in/end", json=body)).status_code == 204
    assert type_of(await doors.renew(officer.renewal)) == "signed-out"
    forged = await doors.http.post("/sign-in/end", json={"renewal_token": "a.b.c"})
    assert type_of(forged) == "signed-out"
