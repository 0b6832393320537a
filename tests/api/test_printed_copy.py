"""本人记录副本 for printing: what the copy in JSON says, and nobody else's (R38)."""

import asyncio

import pytest

from service.domain.account import AccountDuty
from service.printing.press import MOST_WAITING
from service.projections.own_copy import OwnCopy
from tests.api.accounts import Doors, Person, type_of
from tests.api.town import Town
from tests.printing.test_press import text_of

WHEN = "2026-03-04T18:00:00+08:00", "2026-03-04T19:30:00+08:00"


@pytest.fixture
async def member_id(town: Town) -> str:
    """Somebody who did something in March."""
    found = await town.registered()
    await town.endorsed(found, *WHEN)
    return found


@pytest.fixture
async def member(doors: Doors, system: Person, security: Person, member_id: str) -> Person:
    """The same, signed in."""
    branch = doors.town.id("branch")
    account_id = await doors.opened(
        system, organisation_id=branch, duty=AccountDuty.MEMBER, member_id=member_id
    )
    person = await doors.given(system, account_id, "wang.xiaoming")
    await doors.activated(security, account_id)
    await doors.settled(person)
    return person


async def test_it_says_what_the_copy_says(doors: Doors, town: Town, member: Person) -> None:
    copy = OwnCopy.model_validate((await doors.get(member, "/me/copy")).json())
    printed = await doors.get(member, "/me/copy.pdf")
    assert printed.status_code == 200, printed.text
    assert printed.headers["content-type"] == "application/pdf"
    assert int(printed.headers["x-position"]) == copy.as_of_position
    assert "王" not in printed.headers["content-disposition"]
    assert len(printed.content) < 150_000
    text = text_of(printed.content)
    [year] = copy.off_duty_record
    said = [
        "本人记录副本",
        copy.member.name,
        copy.member.member_no,
        copy.contacts.phone,
        *(each.name for each in copy.organisations if each.organisation_id == town.id("community")),
        *(each.content for each in year.entries),
        *(each.certificate_no for each in copy.certificates),
        *(each.summary for each in copy.audit_trail),
        *(each.text for each in copy.notices),
        "本人行使查阅、复制的权利",
    ]
    for each in said:
        assert "".join(each.split()) in text, each
    assert "sealed:" not in text


async def test_what_the_member_objects_to_is_marked(doors: Doors, member: Person) -> None:
    copy = OwnCopy.model_validate((await doors.get(member, "/me/copy")).json())
    [year] = copy.off_duty_record
    [entry] = year.entries
    against = {"against": "participation", "subject_id": entry.participation_id}
    done = await doors.post(member, "/me/objections", {"text": "与实际不符", **against})
    assert done.status_code == 201, done.text
    text = text_of((await doors.get(member, "/me/copy.pdf")).content)
    assert f"【有异议】{entry.content}" in text
    assert "【有异议】对参加记录及其认定：待答复" in text


async def test_printing_is_a_reading(doors: Doors, member: Person) -> None:
    await doors.get(member, "/me/copy.pdf")
    [last, *_] = (await doors.get(member, "/me/readings")).json()["items"]
    assert (last["route"], last["purpose"]) == ("/api/v1/me/copy.pdf", "subject_rights")


async def test_it_needs_a_member(town: Town) -> None:
    assert (await town.get("branch", "/me/copy.pdf")).status_code == 403


async def test_who_comes_while_too_many_wait_comes_again(
    doors: Doors, town: Town, member: Person
) -> None:
    press = town.serving.press
    copy = await doors.get(member, "/me/copy.pdf")
    press._waiting = MOST_WAITING
    refused = await doors.get(member, "/me/copy.pdf")
    assert (refused.status_code, type_of(refused)) == (503, "temporarily-unavailable")
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["detail"] == "正在印制的文件较多，请稍后重试"
    press._waiting = 0
    answers = await asyncio.gather(*(doors.get(member, "/me/copy.pdf") for _ in range(3)))
    assert {each.status_code for each in answers} == {200}
    assert copy.status_code == 200
