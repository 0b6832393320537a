"""本人的记录: a member who signs in reads what is their own, and nothing else (R38, R40)."""

from datetime import datetime, timedelta

import pytest
from httpx import Response

from service.domain.account import AccountDuty
from service.domain.account_keeping import CloseAccount
from service.domain.event import SHANGHAI, Actor
from service.projections.objections_answer import of_member
from service.projections.own_copy import OTHERS, OwnCopy, OwnDecisions, OwnOpinions
from service.projections.view import Sight
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


async def objected(doors: Doors, member: Person, **body: str) -> Response:
    """What is answered to an objection of the member's own."""
    return await doors.post(member, "/me/objections", {"text": "与实际不符", **body})


async def test_a_member_objects_as_soon_as_they_sign_in(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    participation_id, _ = await town.endorsed(member_id, *YEAR)
    against = {"against": "participation", "subject_id": participation_id}
    done = await objected(doors, member, **against)
    assert done.status_code == 201, done.text
    assert (await objected(doors, member, **against)).json()["type"].endswith("already-objected-to")
    [own] = (await doors.get(member, "/me/objections")).json()["items"]
    assert (own["text"], own["raised_by"], own["on_paper"]) == ("与实际不符", member_id, False)
    record = (await doors.get(member, "/me/off-duty-record?year=2026")).json()
    assert record["entries"][0]["disputed"]
    path = f"/me/objections/{done.json()['objection_id']}/withdrawal"
    assert (await doors.post(member, path)).status_code == 201
    assert (await doors.post(member, path)).json()["type"].endswith("objection-not-open")
    record = (await doors.get(member, "/me/off-duty-record?year=2026")).json()
    assert not record["entries"][0]["disputed"]


async def test_a_member_objects_to_nothing_that_is_somebody_elses(
    doors: Doors, town: Town, member: Person
) -> None:
    other = await town.registered(2)
    participation_id, _ = await town.endorsed(other, *YEAR)
    answer = await objected(doors, member, against="participation", subject_id=participation_id)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (
        404,
        "nothing-to-object-to",
    )
    theirs = await town.done(
        "branch",
        "/objections",
        {
            "member_id": other, "against": "participation", "subject_id": participation_id,
            "text": "有出入",
        },
    )  # fmt: skip
    path = f"/me/objections/{theirs['objection_id']}/withdrawal"
    assert (await doors.post(member, path)).json()["type"].endswith("unknown-objection")
    assert (await doors.get(member, "/me/objections")).json()["items"] == []
    refused = await objected(
        doors, member, against="participation", subject_id=participation_id, member_id=other
    )
    assert refused.status_code == 422


async def test_what_a_member_objects_to_elsewhere_is_not_their_branchs_business(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    """It may be a vetting, of which the branch does not know."""
    participation_id, _ = await town.endorsed(member_id, *YEAR)
    done = await objected(doors, member, against="participation", subject_id=participation_id)
    objection_id = done.json()["objection_id"]
    head = await town.serving.log.head()
    assert (await town.get("branch", f"/objections/{objection_id}", head)).status_code == 404
    listed = await town.get("branch", f"/objections?organisation_id={town.id('branch')}", head)
    assert listed.json()["items"] == []
    trail = f"/audit-trail?member_id={member_id}&type=ObjectionRaised"
    assert (await town.get("branch", trail, head)).json()["items"] == []
    assert len((await town.get("community", trail, head)).json()["items"]) == 1
    own = (await doors.get(member, "/me/audit-trail")).json()["items"]
    assert [each["type"] for each in own][-1] == "ObjectionRaised"
    # The second fence as well: what a member sees is not what their branch sees.
    branch = Sight(town.serving.log.fenced, town.id("branch"))
    assert (await of_member(branch, member_id)).items == []
    oneself = Sight(town.serving.log.fenced, member_id)
    assert len((await of_member(oneself, member_id)).items) == 1


async def test_a_members_trail_names_no_other_member(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    other = await town.registered(2)
    now = doors.clock()
    activity_id = await town.activity(
        (now + timedelta(minutes=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    )
    for each in (member_id, other):
        await town.done("branch", f"/activities/{activity_id}/sign-ups", {"member_id": each})
    doors.later(5 * 60)
    await town.done(
        "community", f"/activities/{activity_id}/roll-calls", {"present": [member_id, other]}
    )
    shown = await doors.get(member, "/me/audit-trail")
    [called] = [each for each in shown.json()["items"] if each["type"] == "RollCalled"]
    assert called["data"]["present"] == [member_id, OTHERS]
    assert member_id in shown.text
    for text in (other, "QZ00002"):
        assert text not in shown.text
    copy = await doors.get(member, "/me/copy")
    assert copy.status_code == 200, copy.text
    for text in (other, "QZ00002"):
        assert text not in copy.text


async def test_a_copy_of_everything_in_one_document(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    participation_id, _ = await town.endorsed(member_id, *YEAR)
    await town.get("branch", f"/members/{member_id}", await town.serving.log.head())
    done = await objected(doors, member, against="participation", subject_id=participation_id)
    assert done.status_code == 201
    answer = await doors.get(member, "/me/copy")
    copy = answer.json()
    assert set(copy) == set(OwnCopy.model_fields)
    assert "sealed:" not in answer.text, "every text is opened"
    assert copy["member"]["name"] == "王小明"
    assert copy["contacts"]["phone"] == "13800001234"
    assert copy["contacts"]["residence"] == "营根镇海榆路1号"
    [year] = copy["off_duty_record"]
    [one] = year["entries"]
    assert (one["content"], one["disputed"]) == ("看望孤寡老人", True)
    assert [each["text"] for each in copy["objections"]] == ["与实际不符"]
    assert [each["type"] for each in copy["audit_trail"]][-1] == "ObjectionRaised"
    assert {each["person"] for each in copy["readings"]} >= {None}
    assert any(each["kind"] == "objection" for each in copy["notices"])
    assert {each["organisation_id"] for each in copy["organisations"]} >= {
        town.id("branch"),
        town.id("community"),
    }
    assert "王小明" not in answer.headers["content-disposition"]
    [row] = await town.serving.log.pool.fetch(
        "SELECT * FROM access.readings WHERE request_id = $1", answer.headers["x-request-id"]
    )
    assert (row["member_id"], row["purpose"]) == (member_id, "subject_rights")
    assert {"name", "phone", "residence", "contact_phone", "content", "text"} <= set(row["fields"])


async def test_a_copy_is_given_while_processing_is_restricted(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    await confirmed(town, member_id)
    copy = (await doors.get(member, "/me/copy")).json()
    assert copy["member"]["name"] == "王小明"


async def test_a_member_reads_what_was_said_and_decided_and_objects_to_it(
    doors: Doors, town: Town, member: Person, member_id: str
) -> None:
    quarter = "2026-Q3"
    given = {"quarter": quarter, "feedback": [{"member_id": member_id, "performance": "fair"}]}
    await town.done("community", f"/communities/{town.id('community')}/feedback", given)
    opinions = (await doors.get(member, "/me/opinions")).json()
    assert set(opinions) == set(OwnOpinions.model_fields)
    [feedback] = opinions["feedback"]
    assert (feedback["quarter"], feedback["disputed"]) == (quarter, False)
    done = await objected(doors, member, against="feedback", subject_id=feedback["feedback_id"])
    assert done.status_code == 201, done.text
    [feedback] = (await doors.get(member, "/me/opinions")).json()["feedback"]
    assert feedback["disputed"]
    disqualified = await town.done(
        "branch",
        "/disqualifications",
        {
            "member_id": member_id, "year": 2026, "document_no": "某组〔2026〕1号",
            "cause_event_ids": [feedback["given"]["event_id"]], "reason": "未落实",
        },
    )  # fmt: skip
    answer = await doors.get(member, "/me/decisions")
    decisions = answer.json()
    assert set(decisions) == set(OwnDecisions.model_fields)
    [one] = decisions["disqualifications"]
    assert (one["disqualification_id"], one["reason"]) == (
        disqualified["disqualification_id"],
        "未落实",
    )
    [row] = await town.serving.log.pool.fetch(
        "SELECT * FROM access.readings WHERE request_id = $1", answer.headers["x-request-id"]
    )
    assert (row["purpose"], row["fields"]) == ("subject_rights", ["reason"])
