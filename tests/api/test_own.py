"""本人的记录: a member who signs in reads what is their own, and nothing else (R38, R40)."""

from datetime import datetime, timedelta

import pytest

from service.domain.account import AccountDuty
from service.domain.account_keeping import CloseAccount
from service.domain.event import SHANGHAI, Actor
from tests.api.accounts import Doors, Person
from tests.api.clock import SettableClock
from tests.api.eraser import WINDOW, confirmed, state
from tests.api.town import Town

YEAR = "2026-03-04T18:00:00+08:00", "2026-03-04T19:30:00+08:00"


@pytest.fixture
def clock() -> SettableClock:
    # The database has a clock of its own: to it the window of an erasure must have passed as well.
    clock = SettableClock()
    clock.now = datetime.now(SHANGHAI) - timedelta(days=30)
    return clock


@pytest.fixture
async def member_id(town: Town) -> str:
    return await town.registered()


@pytest.fixture
async def administrators(doors: Doors) -> tuple[Person, Person]:
    return await doors.first(AccountDuty.SYSTEM), await doors.first(AccountDuty.SECURITY)


@pytest.fixture
async def member(doors: Doors, administrators: tuple[Person, Person], member_id: str) -> Person:
    """A member of the branch who has signed in."""
    system, security = administrators
    account_id = await doors.opened(
        system, organisation_id=doors.town.id("branch"), duty="member", member_id=member_id
    )
    person = await doors.given(system, account_id, "wang.xiaoming")
    await doors.activated(security, account_id)
    await doors.settled(person)
    return person


async def test_a_member_reads_what_is_kept_about_them(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    await town.endorsed(member_id, *YEAR)
    shown = (await doors.get(member, "/me")).json()
    of_branch = await town.get("branch", f"/members/{member_id}", await town.serving.log.head())
    assert shown == of_branch.json()
    assert (shown["name"], shown["phone"]) == ("王小明", "13800001234")
    record = (await doors.get(member, "/me/off-duty-record?year=2026")).json()
    assert (record["member_id"], record["totals"]["outside_minutes"]) == (member_id, 90)
    this_year = (await doors.get(member, "/me/off-duty-record")).json()
    assert this_year["year"] == doors.clock().year


async def test_a_member_learns_who_read_about_them(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    await town.get("branch", f"/members/{member_id}", await town.serving.log.head())
    await doors.get(member, "/me")
    found = (await doors.get(member, "/me/readings")).json()["items"]
    assert [(each["client_id"], each["person"]) for each in found[:2]] == [
        (f"account:{member.account_id}", member_id),
        (town.clients["branch"].client_id, None),
    ]
    again = (await doors.get(member, "/me/readings")).json()["items"]
    assert len(again) == len(found) + 1, "reading of it is a reading"


async def test_a_member_names_nobody_else(doors: Doors, member: Person, member_id: str) -> None:
    other = await doors.town.member(2)
    for path in (f"/me?member_id={other}", f"/me/off-duty-record?member_id={other}"):
        assert (await doors.get(member, path)).status_code == 422
    for path in (f"/members/{member_id}", f"/members/{other}", "/audit-trail"):
        answer = await doors.get(member, path)
        assert answer.json()["type"].endswith("insufficient-scope"), path


async def test_a_member_who_moved_to_another_branch_does_not_come_in_for_the_old_one(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    transfer = await town.done(
        "branch",
        f"/members/{member_id}/branch-transfers",
        {"to_branch_id": town.id("other_branch")},
    )
    await town.done("other_branch", f"/branch-transfers/{transfer['transfer_id']}/acceptance")
    assert (await doors.renew(member.renewal)).status_code == 403
    assert (await doors.sign_in(member)).status_code == 403


async def test_an_account_does_not_outlive_the_erasure_of_its_member(
    doors: Doors,
    town: Town,
    administrators: tuple[Person, Person],
    member: Person,
    member_id: str,
) -> None:
    # An account that got new credentials once has a row that says from when on tokens are good.
    await town.serving.revocations.cut_off(member.account_id, doors.clock() - timedelta(minutes=5))
    erasure_id = await confirmed(town, member_id)
    assert (await doors.get(member, "/me")).json()["name"] == "王小明", "restricted for others only"
    doors.clock.now += WINDOW - timedelta(minutes=1)
    assert (await doors.sign_in(member)).status_code == 200
    assert (await doors.get(member, "/me")).status_code == 200
    doors.clock.now += timedelta(minutes=1)
    await town.member(999)  # whatever is written wakes the worker
    await state(town, erasure_id, "erased")
    await town.serving.revocations.refresh()
    assert (await doors.get(member, "/me")).status_code == 401
    assert (await doors.renew(member.renewal)).status_code == 401
    assert (await doors.sign_in(member)).status_code == 401
    for person in administrators:
        await doors.sign_in(person)
    system, security = administrators
    path = f"/accounts/{member.account_id}"
    again = await doors.post(system, f"{path}/credentials", {"login": "wang.xiaoming"})
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (
        409,
        "account-is-closed",
    )
    assert (await doors.post(security, f"{path}/activation")).status_code == 409
    items = (await doors.get(security, f"/organisations/{town.id('branch')}/accounts")).json()
    assert items["items"][0]["state"] == "closed"
    for table in ("credentials", "sessions"):
        left = await town.serving.log.pool.fetchval(
            f"SELECT count(*) FROM access.{table} WHERE account_id = $1",  # noqa: S608
            member.account_id,
        )
        assert left == 0


async def test_an_account_that_is_closed_is_closed_for_its_member_too(
    doors: Doors, town: Town, member: Person
) -> None:
    await town.serving.log.decide(
        CloseAccount(
            account_id=member.account_id, by=Actor(town.id("branch"), "sec"), at=doors.clock()
        )
    )
    assert (await doors.renew(member.renewal)).status_code == 403
