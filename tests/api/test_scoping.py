"""Every route as every kind of client, with its own ids and with foreign ones: nothing leaks."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from service.api.app import routes
from service.api.route import Route
from service.api.scopes import Holder, Scope
from service.domain.organisation import OrganisationKind
from tests.api.clock import SettableClock
from tests.api.consulting import Consulting
from tests.api.deciding import opened
from tests.api.town import OFFICER, ORGANISATIONS, Town, entry
from tests.domain.rule_packs import HOURS
from tests.domain.town import id_number

NO_TOKEN = {
    "/oauth/token",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/api/v1/evidence-keys",
    "/api/v1/evidence-verifier",
}
SIGN_IN = "/sign-in"
"""Whoever has no token yet."""
HASHES = ("/api/v1/log/checkpoint", "/api/v1/log/proofs/", "/api/v1/log/tile")
"""They hold hashes and signatures only."""
NAMES = list(ORGANISATIONS)

BODIES: dict[str, dict[str, Any]] = {
    "conclude_review": {
        "organisation_id": "{organisation_id}", "outcome": "explained", "note": "已作说明",
    },
    "register_organisation": {
        "name": "新组织", "kind": "branch", "parent_id": "{organisation_id}",
        "district": "某县", "area_code": "469030",
    },
    "reassign_area_code": {
        "area_code": "469031", "district": "某县", "valid_from": "2027-01-01", "reason": "合并",
    },
    "open_account": {
        "organisation_id": "{organisation_id}", "duty": "officer", "officer_id": "officer-1",
    },
    "give_credentials": {"login": "zhang.san"},
    "pair_unit": {"community_id": "{community_id}"},
    "set_registration_deadline": {"campaign": "2027", "deadline": "2027-06-30T23:59:59+08:00"},
    "appoint_officer": {
        "officer_id": "officer-9", "id_number": id_number(9), "role": "responsible",
    },
    "delegate_duty": {
        "officer_id": "officer-9", "duty": "recording", "ends_at": "2026-12-31T00:00:00+08:00",
    },
    "ask_opinion": {
        "member_id": "{member_id}", "purpose": "selection", "period": "2026",
        "due_on": "2026-12-08", "basis": "recognition",
    },
    "withdraw_consultation": {"reason": "不再评选"},
    "give_opinion": {
        "social_morality": "good", "community_pledge": "good", "bearing": "good",
        "overall": "good",
    },
    "withdraw_opinion": {"reason": "有误"},
    "declare_recusal": {"officer_id": "officer-1", "ground": "related"},
    "open_vetting": {
        "member_id": "{member_id}", "period": "2021-03-01/2026-09-30",
        "team": ["officer-1", "officer-2"],
    },
    "add_field_inquiry": {
        "held_on": "2026-11-24", "inquirers": ["officer-1"], "interviewees": 3,
        "findings": "邻里反映良好",
    },
    "post_public_notice": {"starts_on": "2026-11-24", "place": "公示栏"},
    "override_vetting": {"reason": "急需"},
    "conclude_vetting": {
        "result": "suitable", "document_no": "某组〔2026〕1号", "reason": "符合条件",
    },
    "open_decision": {"member_id": "{member_id}", "purpose": "appraisal", "period": "2026"},
    "explain_absence": {"explanation": "长期驻外", "unit_view": "表现良好"},
    "override_decision": {"reason": "救灾期间"},
    "conclude_decision": {
        "result": "qualified", "document_no": "某组〔2026〕1号", "reason": "经大会表决",
    },
    "revise_decision": {"result": "outstanding", "reason": "复议"},
    "raise_objection": {
        "member_id": "{member_id}", "against": "participation",
        "subject_id": "{participation_id}", "text": "与实际不符",
    },
    "answer_objection": {"outcome": "rejected", "text": "记录属实"},
    "raise_own_objection": {
        "against": "participation", "subject_id": "{participation_id}", "text": "与实际不符",
    },
    "propose_consequences": {"year": 2026, "code": "hours"},
    "dismiss_proposal": {"reason_code": "other"},
    "conclude_commendation": {
        "member_id": "{member_id}", "year": 2026, "document_no": "某组〔2026〕1号",
        "cause_event_ids": ["{participation_id}"], "title": "优秀共产党员", "reason": "突出",
    },
    "conclude_disqualification": {
        "member_id": "{member_id}", "year": 2026, "document_no": "某组〔2026〕1号",
        "cause_event_ids": ["{participation_id}"], "reason": "未落实",
    },
    "revoke_commendation": {"reason": "有误"},
    "revoke_disqualification": {"reason": "有误"},
    "nominate_role_model": {"member_id": "{member_id}", "deeds": "照看邻居"},
    "refuse_role_model": {"reason": "待核实"},
    "publicise_role_model": {"channel": "宣传栏"},
    "propose_signing_key": {"proof": "a.b.c", "valid_until": "2027-06-30T23:59:59+08:00"},
    "revoke_signing_key": {
        "reason_code": "lost", "distrusted_since": "2026-06-30T23:59:59+08:00",
    },
    "enrol_member": entry(77),
    "publish_roster": {"stated_head_count": 0, "difference_explained": "核对中"},
    "adopt_timetable": {
        "valid_from": "2026-01-01", "hours": [{"starts_at": "09:00", "ends_at": "17:00"}],
    },
    "approve_leave": {
        "starts_at": "2026-03-04T09:00:00+08:00", "ends_at": "2026-03-04T17:00:00+08:00",
    },
    "assign_shifts": {
        "shifts": [
            {"starts_at": "2026-07-04T08:00:00+08:00", "ends_at": "2026-07-04T16:00:00+08:00"}
        ]
    },
    "exempt_member": {
        "reason_code": "illness", "starts_on": "2026-01-01", "ends_on": "2026-02-01",
    },
    "end_exemption": {"ended_on": "2026-01-15", "reason": "痊愈"},
    "request_branch_transfer": {"to_branch_id": "{branch_id}"},
    "refuse_branch_transfer": {"reason_code": "other"},
    "withdraw_certificate": {"reason_code": "other"},
    "register_member": {
        "member_id": "{member_id}", "community_id": "{community_id}", "certificate_no": "1",
        "intake": {"residence": "某路", "phone": "13800001234"},
    },
    "decline_registration": {"reason_code": "other"},
    "transfer_registration": {
        "community_id": "{community_id}", "residence": "某路", "phone": "13800001234",
    },
    "deregister_member": {"reason_code": "left"},
    "add_post_category": {"category": "护林岗"},
    "open_service_post": {"title": "岗", "category": "culture", "slots": 1},
    "close_service_post": {"reason": "不再需要"},
    "claim_post": {"member_id": "{member_id}"},
    "decline_claim": {"reason_code": "other"},
    "release_claim": {"reason_code": "other"},
    "plan_activity": {
        "title": "活动", "kind": "community", "category": "环境卫生", "place": "某路",
        "starts_at": "2026-12-01T19:00:00+08:00", "ends_at": "2026-12-01T21:00:00+08:00",
    },
    "reschedule_activity": {
        "place": "某路", "reason": "下雨",
        "starts_at": "2026-12-02T19:00:00+08:00", "ends_at": "2026-12-02T21:00:00+08:00",
    },
    "cancel_activity": {"reason": "下雨"},
    "sign_up": {"member_id": "{member_id}"},
    "withdraw_sign_up": {"member_id": "{member_id}"},
    "sign_attendance": {"member_id": "{member_id}", "sign": "in"},
    "call_roll": {"present": ["{member_id}"]},
    "record_participation": {
        "member_id": "{member_id}", "kind": "own", "content": "探望", "ledger": "voluntary",
        "starts_at": "2026-05-01T09:00:00+08:00", "ends_at": "2026-05-01T10:00:00+08:00",
    },
    "correct_participation": {
        "content": "探望", "ledger": "voluntary", "reason": "更正",
        "starts_at": "2026-05-01T09:00:00+08:00", "ends_at": "2026-05-01T10:00:00+08:00",
    },
    "void_participation": {"reason": "误记"},
    "endorse_participation": {"performance": "good"},
    "endorse_participations": {"performance": "good", "participation_ids": ["{participation_id}"]},
    "decline_endorsement": {"reason_code": "other"},
    "revoke_endorsement": {"reason": "有误"},
    "confirm_inspection": {"month": "2026-10"},
    "resolve_discrepancy": {"resolution": "explained"},
    "record_visit": {"community_id": "{community_id}", "visited_on": "2026-11-01"},
    "report_quarter": {"quarter": "2026-Q3"},
    "consolidate_quarter": {"quarter": "2026-Q3"},
    "record_symposium": {
        "quarter": "2026-Q3", "held_on": "2026-10-20", "attendees": 9, "present": [],
        "conclusions": "继续走访",
    },
    "summarise_half": {"half": "2026-H1"},
    "give_feedback": {
        "quarter": "2026-Q3", "feedback": [{"member_id": "{member_id}", "performance": "good"}],
    },
    "adopt_rule_pack": {"pack": HOURS.model_dump(mode="json")},
    "repeal_rule_pack": {"valid_to": "2026-12-01", "reason": "另有规定"},
}  # fmt: skip
"""What is sent to each write route; ids in braces are filled in."""


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    return value.format_map(ids) if isinstance(value, str) and value.startswith("{") else value


async def call(town: Town, route: Route, name: str, ids: dict[str, str]) -> Any:
    """Calls a route as an organisation; a well-formed request, so that scoping alone decides."""
    path = route.path_format.format_map(ids)
    assert route.needs is not None
    holder = route.needs.scope.holder
    by_client = holder is Holder.ORGANISATION
    token = town.token(name) if by_client else town.held_token(name, holder)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    if "GET" in (route.methods or ()):
        return await town.http.get(path, headers=headers)
    if route.name == "import_roster":
        files = {"file": ("r.csv", "党员编号,姓名,公民身份号码,联系电话\n".encode())}
        return await town.http.post(path, files=files, headers=headers)
    officer = {"acting_officer": OFFICER} if by_client else {}
    body = {**filled(BODIES.get(route.name, {}), ids), **officer}
    return await town.http.post(path, json=body, headers=headers)


def guarded() -> list[Route]:
    return [route for route in routes() if route.include_in_schema and route.needs is not None]


def test_every_route_has_one_named_scope() -> None:
    for route in routes():
        assert isinstance(route, APIRoute)
        open_to_all = route.path in NO_TOKEN or route.path.startswith(("/docs", SIGN_IN, *HASHES))
        open_to_all = open_to_all and "/entries/" not in route.path
        assert open_to_all == (route.needs is None), route.path


def test_every_scope_is_needed_somewhere() -> None:
    # Reading what is restricted is asked for by a parameter of routes that need another one.
    by_parameter = {Scope.RESTRICTED_READ}
    assert {each.needs.scope for each in guarded() if each.needs} | by_parameter == set(Scope)


async def test_without_a_token_or_without_the_scope_nothing_is_answered(town: Town) -> None:
    everywhere = {name: str(uuid4()) for name in ("organisation_id", "branch_id", "community_id")}
    ids = _Any(everywhere)
    for route in guarded():
        path = route.path_format.format_map(ids)
        method = "GET" if "GET" in (route.methods or ()) else "POST"
        assert (await town.http.request(method, path)).status_code == 401, path
        assert route.needs is not None
        kind = next(iter(route.needs.scope.kinds))
        name = next(name for name in NAMES if ORGANISATIONS[name][0] == kind.value)
        caller = town.clients[name].caller
        bare = type(caller)(
            caller.client_id, caller.organisation_id, caller.kind,
            caller.scopes - {route.needs.scope.value},
        )  # fmt: skip
        token = town.serving.tokens.issue(bare, town.serving.clock())
        answer = await town.http.request(
            method, path, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        )
        assert answer.status_code == 403, path
        assert answer.json()["type"] == "urn:eighthours:problem:insufficient-scope"


class _Any(dict[str, str]):
    """Ids by name; one made up where none is known."""

    def __missing__(self, key: str) -> str:
        made_up = {"certificate_no": "46903020260000019", "signing_key_id": "k" * 43}
        return made_up.get(key) or str(uuid4())


@pytest.mark.parametrize("kind", list(OrganisationKind))
async def test_foreign_ids_are_answered_like_unknown_ones(
    town: Town, kind: OrganisationKind
) -> None:
    """403 where no organisation of this kind may do it; else 404, whether the id exists or not."""
    member_id = await town.registered()
    activity_id = await town.activity("2026-11-24T19:00:00+08:00", "2026-11-24T21:00:00+08:00")
    participation_id, _ = await town.endorsed(
        member_id, "2026-03-04T18:00:00+08:00", "2026-03-04T19:00:00+08:00"
    )
    trail = await town.get("branch", f"/members/{member_id}", await town.serving.log.head())
    existing = _Any(
        organisation_id=town.id("committee"),
        branch_id=town.id("branch"),
        community_id=town.id("community"),
        member_id=member_id,
        activity_id=activity_id,
        participation_id=participation_id,
        registration_id=trail.json()["registration"]["registration_id"],
        certificate_no=trail.json()["certificate"]["certificate_no"],
        account_id=await _account(town),
        pack_id=await _pack(town),
        **await _opinion(town, member_id),
        decision_id=await opened(town, member_id),
        vetting_id=await _vetting(town, member_id),
        objection_id=await _objection(town, member_id, participation_id),
    )
    # Organisations that have nothing to do with the ones above.
    stranger = {
        OrganisationKind.BRANCH: "foreign_branch",
        OrganisationKind.AGENCY_COMMITTEE: "foreign_committee",
        OrganisationKind.PERSONNEL_AUTHORITY: "foreign_authority",
        OrganisationKind.COMMUNITY: "other_community",
        OrganisationKind.SUBDISTRICT: "foreign_subdistrict",
    }[kind]
    head = await town.serving.log.head()
    for route in guarded():
        if route.name in {"audit", "activity", "signing_keys_of"} or "{" not in route.path:
            continue
        assert route.needs is not None
        if kind not in route.needs.scope.kinds:
            assert stranger in town.clients
            continue
        if route.name == "posts_of_community" and kind.value not in {"community", "subdistrict"}:
            continue
        answers = [await call(town, route, stranger, ids) for ids in (existing, _Any())]
        found = [(answer.status_code, answer.json()["type"]) for answer in answers]
        assert found[0] == found[1], (route.name, found)
        assert found[0][0] in {403, 404}, (route.name, found, answers[0].text)
        assert member_id not in answers[0].text
        assert "王小明" not in answers[0].text
    assert await town.serving.log.head() == head, "a stranger changed something"


async def _opinion(town: Town, member_id: str) -> dict[str, str]:
    """What the branch asked about its member, and what the community answered."""
    question = filled(BODIES["ask_opinion"], {"member_id": member_id})
    asked = await town.done("branch", "/consultations", question)
    consultation_id = str(asked["consultation_id"])
    consulting = Consulting(town, SettableClock())
    return {
        "consultation_id": consultation_id,
        "opinion_id": await consulting.given(consultation_id),
    }


async def _objection(town: Town, member_id: str, participation_id: str) -> str:
    """What the member objects to, taken down by the branch."""
    ids = {"member_id": member_id, "participation_id": participation_id}
    body = filled(BODIES["raise_objection"], ids)
    return str((await town.done("branch", "/objections", body))["objection_id"])


async def _vetting(town: Town, member_id: str) -> str:
    """A vetting that the authority has opened."""
    body = filled(BODIES["open_vetting"], {"member_id": member_id})
    return str((await town.done("authority", "/vettings", body))["decision_id"])


async def _pack(town: Town) -> str:
    """A rule pack that the committee has adopted."""
    path = f"/organisations/{town.id('committee')}/rule-packs"
    answer = await town.done("committee", path, BODIES["adopt_rule_pack"])
    return str(answer["pack_id"])


async def _account(town: Town) -> str:
    """An account of an officer of the committee."""
    opening = next(route for route in guarded() if route.name == "open_account")
    answer = await call(town, opening, "committee", _Any(organisation_id=town.id("committee")))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account_id"])


async def test_accounts_are_opened_below_ones_own_organisation_only(town: Town) -> None:
    opening = next(route for route in guarded() if route.name == "open_account")
    for name, status in (("authority", 201), ("branch", 404), ("foreign_authority", 404)):
        answer = await call(town, opening, name, _Any(organisation_id=town.id("committee")))
        assert answer.status_code == status, name


@pytest.mark.parametrize("holder", [each for each in Holder if each is not Holder.ORGANISATION])
async def test_a_duty_opens_its_own_routes_and_no_other(town: Town, holder: Holder) -> None:
    member_id = await town.registered()
    ids = _Any(
        member_id=member_id,
        organisation_id=town.id("branch"),
        branch_id=town.id("branch"),
        community_id=town.id("community"),
    )
    token = town.held_token("branch", holder, member_id)
    for route in guarded():
        assert route.needs is not None
        for method in route.methods:
            answer = await town.http.request(
                method,
                route.path_format.format_map(ids),
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
            )
            opens = answer.status_code != 403
            assert opens == (route.needs.scope.holder is holder), (route.name, answer.text)
            # A member writes nothing but their objections.
            writing = holder is Holder.MEMBER and opens and method != "GET"
            assert not writing or route.path.startswith("/api/v1/me/objections"), route.name


async def test_an_organisation_reads_downwards_only(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    record = f"/members/{member_id}/off-duty-record"
    seen = {name: (await town.get(name, record, head)).status_code for name in NAMES}
    assert seen == {
        "authority": 200, "committee": 200, "branch": 200,
        "other_branch": 404, "foreign_authority": 404, "foreign_committee": 404,
        "foreign_branch": 404, "subdistrict": 200, "community": 200, "other_community": 404,
        "foreign_subdistrict": 404,
    }  # fmt: skip


async def test_contacts_are_for_those_who_need_them(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    shown = {
        name: (await town.get(name, f"/members/{member_id}", head)).json()
        for name in ("branch", "community", "authority")
    }
    assert {name: each["name"] for name, each in shown.items()} == dict.fromkeys(shown, "王小明")
    assert {name: each["phone"] is None for name, each in shown.items()} == {
        "branch": False, "community": True, "authority": True,
    }  # fmt: skip
    assert {name: each["residence"] is None for name, each in shown.items()} == {
        "branch": False, "community": False, "authority": True,
    }  # fmt: skip
    assert all("id_number" not in each for each in shown.values())


async def test_the_audit_trail_shows_what_concerns_the_reader(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    counts = {
        name: len(
            (await town.get(name, f"/audit-trail?member_id={member_id}", head)).json()["items"]
        )
        for name in ("authority", "branch", "community", "other_community", "foreign_branch")
    }
    assert counts["authority"] == counts["branch"] == 4
    assert counts["community"] == 2
    assert counts["other_community"] == counts["foreign_branch"] == 0


async def test_organisations_are_registered_below_ones_own_only(town: Town) -> None:
    body = {"name": "新支部", "kind": "branch", "district": "某县", "area_code": "469030"}
    below = await town.post(
        "authority", "/organisations", {**body, "parent_id": town.id("committee")}
    )
    assert below.status_code == 201
    foreign = {**body, "parent_id": town.id("foreign_committee")}
    assert (await town.post("authority", "/organisations", foreign)).status_code == 404
    root = {**body, "kind": "subdistrict", "parent_id": None}
    assert (await town.post("subdistrict", "/organisations", root)).status_code == 403
