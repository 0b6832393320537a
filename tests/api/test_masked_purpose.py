"""R27: whoever is asked with a masked purpose finds it nowhere, nor those above and beside them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from service.api.app import routes
from service.api.reads import Reads
from service.api.scopes import Holder
from tests.api.clock import SettableClock
from tests.api.consulting import DAYS, GOOD, Consulting
from tests.api.town import ENDORSER, Town
from tests.domain.town import id_number

EVENING = ("2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
ASKER = "asker-7"
WHY = "拟任职务另有安排"
SAME_FOR_ALL = {"consultation_bases"}
"""What is configured is told to everybody, whoever asks whom."""
FORMS = ("application/json", "application/x-ndjson", "text/csv")


class Searched:
    """A town in which somebody is vetted, and all that its organisations can read."""

    def __init__(self, consulting: Consulting) -> None:
        self.consulting = consulting
        self.town = consulting.town
        self.ids: dict[str, str] = {}

    async def lived(self) -> None:
        """Everything that can happen to a masked question happens to one."""
        town, consulting = self.town, self.consulting
        appointed = {"officer_id": ASKER, "id_number": id_number(777), "role": "responsible"}
        await town.done("authority", f"/organisations/{town.id('authority')}/officers", appointed)
        by = {"acting_officer": {"person": ASKER, "role": "responsible"}}
        member_id = await town.registered()
        participation_id, _ = await town.endorsed(member_id, *EVENING)
        taken_back = await consulting.vetted(member_id, **by)
        path = f"/consultations/{taken_back}/withdrawal"
        await town.done("authority", path, {"reason": WHY, **by})
        asked = await consulting.vetted(member_id, **by)
        consulting.on("2026-12-09")
        await town.done("authority", f"/consultations/{asked}/reminders", by)
        for day in ("2026-12-16", "2026-12-23"):
            consulting.on(day)
            assert await consulting.reminded() == 1
        recused = {"officer_id": "officer-1", "ground": "related"}
        await town.done("subdistrict", f"/consultations/{asked}/recusals", recused)
        first = await consulting.answered(asked, comment="邻里和睦")
        await town.done("community", f"/opinions/{first}/withdrawal", {"reason": "核实有误"})
        opinion_id = await consulting.answered(asked)
        await self._vetted(member_id, by)
        await self._objected(member_id, asked)
        self.ids = {
            "consultation_id": asked,
            "opinion_id": opinion_id,
            "member_id": member_id,
            "participation_id": participation_id,
            "branch_id": town.id("branch"),
            "community_id": town.id("community"),
            "committee_id": town.id("committee"),
        }
        head = await town.serving.log.head()
        assert await town.serving.runner.caught_up(head)

    async def _vetted(self, member_id: str, by: dict[str, Any]) -> None:
        team = ["officer-1", ASKER]
        opened = {"member_id": member_id, "period": DAYS, "team": team, **by}
        vetting = await self.town.done("authority", "/vettings", opened)
        inquiry = {
            "held_on": "2026-12-23", "inquirers": team, "interviewees": 3, "findings": WHY, **by,
        }  # fmt: skip
        path = f"/vettings/{vetting['decision_id']}/field-inquiries"
        await self.town.done("authority", path, inquiry)

    async def _objected(self, member_id: str, consultation_id: str) -> None:
        """The member objects to the opinion, and the community has to answer."""
        body = {"against": "opinion", "subject_id": consultation_id, "text": "与事实不符"}
        token = self.town.held_token("branch", Holder.MEMBER, member_id)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "objection"}
        answer = await self.town.http.post("/api/v1/me/objections", json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    async def texts(self, name: str) -> AsyncIterator[tuple[str, str]]:
        """Every answer that the organisation gets, in every form, and what was asked for."""
        caller = self.town.clients[name].caller
        own = {"organisation_id": caller.organisation_id}
        for route in routes():
            needs = route.needs
            if needs is None or route.name in SAME_FOR_ALL or "GET" not in route.methods:
                continue
            if needs.scope.holder is not Holder.ORGANISATION or needs.scope not in caller.scopes:
                continue
            try:
                path = route.path_format.format_map({**self.ids, **own})
            except KeyError:
                continue
            questions: list[dict[str, str]] = [{}, own]
            if route.name == "audit":
                questions.append({"member_id": self.ids["member_id"]})
            for question in questions:
                for form in FORMS if isinstance(needs, Reads) else FORMS[:1]:
                    answer = await self._get(name, path, question, form)
                    yield f"{path} {question} {form}", answer.text

    async def problems(self, name: str) -> AsyncIterator[tuple[str, str]]:
        """What the organisation hears when it does what it may not do."""
        asked, opinion = self.ids["consultation_id"], self.ids["opinion_id"]
        for path, body in (
            (f"/consultations/{asked}/opinions", GOOD),
            (f"/consultations/{asked}/opinions", {**GOOD, "acting_officer": ENDORSER}),
            (f"/consultations/{asked}/recusals", {"officer_id": "officer-1", "ground": "related"}),
            (f"/consultations/{asked}/recusals", {"officer_id": "nobody", "ground": "related"}),
            (f"/consultations/{asked}/reminders", {}),
            (f"/consultations/{asked}/withdrawal", {"reason": "误"}),
            (f"/opinions/{opinion}/countersignature", {}),
            ("/consultations", self.consulting.question(self.ids["member_id"])),
        ):
            answer = await self.town.post(name, path, body)
            assert answer.status_code >= 400, path
            yield path, answer.text

    async def found(self, name: str, secrets: set[str]) -> dict[str, list[str]]:
        """In which answers to an organisation each of these stands."""
        places: dict[str, list[str]] = {}
        for answers in (self.texts(name), self.problems(name)):
            async for what, text in answers:
                for secret in secrets:
                    if re.search(rf"(?<![\w-]){re.escape(secret)}", text) or (
                        not secret.isascii() and secret in text
                    ):
                        places.setdefault(secret, []).append(what)
        return places

    async def _get(
        self, name: str, path: str, question: dict[str, str], form: str
    ) -> httpx.Response:
        headers = {**self.town.headers(name), "Accept": form}
        return await self.town.http.get(path, params=question, headers=headers)


@pytest.fixture
async def searched(town: Town, clock: SettableClock) -> Searched:
    found = Searched(Consulting(town, clock))
    await found.lived()
    return found


def secrets(town: Town) -> set[str]:
    """All that would tell who asks, before which decision and about which days."""
    return {
        "vetting", "任前考察", "2021-03-01", "2021年3月1日", "江州市委组〔2026〕5号",
        "关于任前考察征求社区党组织意见的通知", town.id("authority"), ASKER, WHY,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["community", "subdistrict", "other_community", "foreign_subdistrict"]
)
async def test_r27_nothing_that_the_communitys_side_gets_says_what_is_masked(
    searched: Searched, name: str
) -> None:
    assert await searched.found(name, secrets(searched.town)) == {}
    # It did look: whoever is asked sees that somebody is.
    asked = searched.ids["consultation_id"]
    assert bool(await searched.found(name, {asked})) is (name in {"community", "subdistrict"})


@pytest.mark.parametrize("name", ["branch", "committee", "other_branch"])
async def test_a_vetting_is_not_known_to_the_members_own_unit_either(
    searched: Searched, name: str
) -> None:
    # Where they stand in the tree they know.
    hidden = secrets(searched.town) - {searched.town.id("authority")}
    assert await searched.found(name, {*hidden, searched.ids["consultation_id"]}) == {}


async def test_whoever_asked_sees_all_of_it(searched: Searched) -> None:
    """Else the search would find nothing because it looks for nothing."""
    hidden = secrets(searched.town) - {"2021年3月1日"}
    places = await searched.found("authority", hidden)
    assert set(places) == hidden
    # The audit trail says it in words.
    assert "2021年3月1日" in str(await searched.found("authority", {"2021年3月1日"}))


async def test_what_is_not_masked_is_told(searched: Searched) -> None:
    town = searched.town
    consulting = searched.consulting
    consulting.on("2026-11-24")
    await consulting.asked(searched.ids["member_id"])
    assert await town.serving.runner.caught_up(await town.serving.log.head())
    places = await searched.found("community", {"selection", "评先评优", town.id("branch")})
    assert set(places) == {"selection", "评先评优", town.id("branch")}
    assert await searched.found("community", secrets(town)) == {}
