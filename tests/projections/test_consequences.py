"""What was proposed, concluded and publicised, for whom it concerns (R28, R31, R33)."""

from typing import Any

from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.consequence import (
    ConsequenceProposed,
    DismissalReason,
    Measured,
    Outcome,
    ProposalDismissed,
)
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.membership import BranchTransferAccepted, SubjectErased
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
    Stage,
)
from service.eventstore import EventLog
from service.projections import consequences, role_models
from service.projections.about_members import rows_about
from service.projections.consequences import ProposalState
from service.projections.rebuild import rebuild
from service.projections.view import Sight, checksum
from service.trust.keyring import SEALED
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    LI,
    ORGANISATIONS,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    WANG,
    enrolled,
    person,
)
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

OF_LI: dict[str, Any] = {"member_id": LI, "branch_id": BRANCH}
OF_UNIT: dict[str, Any] = {"organisation_id": BRANCH}
SCENE = (*ORGANISATIONS, enrolled(), enrolled(WANG, OTHER_BRANCH))
MEASURED = Measured(rule_id="hours", measured="49小时59分", required="不少于50小时", passed=False)


def proposed(proposal_id: str, year: int = 2026, **about: str) -> ConsequenceProposed:
    return ConsequenceProposed(
        proposal_id=proposal_id,
        outcome=Outcome.INELIGIBLE,
        year=year,
        pack_id="pack",
        document_no="琼组发〔2026〕12号",
        measured=(MEASURED,),
        cause_event_ids=("adopted", "endorsed"),
        as_of_position=9,
        proposed_by="officer",
        **about,
    )


def concluded(kind: Any, number: str, proposal_id: str | None = None, **about: str) -> Any:
    more: dict[str, Any] = {"disqualification_id": number}
    if kind is CommendationConcluded:
        more = {"commendation_id": number, "title": "优秀共产党员"}
    return kind(
        **more,
        **about,
        year=2026,
        proposal_id=proposal_id,
        document_no="琼组发〔2026〕12号",
        cause_event_ids=("event",),
        reason="某某情况" if "member_id" in about else None,
        open_reason=None if "member_id" in about else "全支部未落实",
        concluded_by="secretary",
        concluded_by_person=person("secretary"),
    )


def revoked(kind: Any, number: str, **about: str) -> Any:
    name = "commendation_id" if kind is CommendationRevoked else "disqualification_id"
    return kind(
        **{name: number},
        **about,
        corrects="event",
        reason="材料不实" if "member_id" in about else None,
        open_reason=None if "member_id" in about else "已经整改",
        revoked_by="secretary",
        revoked_by_person=person("secretary"),
    )


DISMISSED = ProposalDismissed(
    proposal_id="of-li",
    reason_code=DismissalReason.GOOD_CAUSE,
    reason="长期驻村",
    dismissed_by="secretary",
    dismissed_by_person=person("secretary"),
    **OF_LI,
)
NOMINATED = RoleModelNominated(
    role_model_id="model",
    community_id=COMMUNITY,
    deeds="照看邻居",
    nominated_by="officer",
    nominated_by_person=person("officer"),
    **OF_LI,
)
OF_MODEL: dict[str, Any] = {"role_model_id": "model", "community_id": COMMUNITY, **OF_LI}
MOVED = BranchTransferAccepted(
    transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
)
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)


def seen_by(log: EventLog, organisation_id: str) -> Sight:
    return Sight(log.fenced, organisation_id)


async def test_a_proposal_says_what_came_of_it(log: EventLog) -> None:
    await given(
        log,
        *SCENE,
        proposed("of-li", **OF_LI),
        proposed("of-unit", **OF_UNIT),
        proposed("last-year", 2025, **OF_LI),
        DISMISSED,
        concluded(DisqualificationConcluded, "d", "of-unit", **OF_UNIT),
    )
    await kept_up(log)
    of_li, of_unit, of_last_year = (await consequences.proposals(log.pool, COMMITTEE)).items
    assert (of_li.member_id, of_li.branch_id, of_li.organisation_id) == (LI, BRANCH, None)
    assert (of_li.document_no, of_li.cause_event_ids) == (
        "琼组发〔2026〕12号",
        ["adopted", "endorsed"],
    )
    assert [each.model_dump() for each in of_li.measured] == [MEASURED.model_dump()]
    assert (of_li.outcome_word, of_li.evaluated_as_of) == ("取消评优评先资格", 9)
    assert (of_li.state, of_li.conclusion_id) == (ProposalState.DISMISSED, None)
    assert of_li.dismissal is not None
    assert (of_li.dismissal.reason_word, of_li.dismissal.dismissed_by) == (
        "有正当理由",
        "secretary",
    )
    assert (of_li.dismissal.reason or "").startswith(SEALED)
    assert (of_unit.organisation_id, of_unit.branch_id) == (BRANCH, None)
    assert (of_unit.state, of_unit.conclusion_id) == (ProposalState.CONCLUDED, "d")
    assert of_last_year.state is ProposalState.OPEN
    asked = consequences.proposals(log.pool, AUTHORITY, year=2026, state=ProposalState.CONCLUDED)
    assert [each.proposal_id for each in (await asked).items] == ["of-unit"]


async def test_conclusions_stand_until_they_are_revoked(log: EventLog) -> None:
    await given(
        log,
        *SCENE,
        concluded(CommendationConcluded, "c", **OF_LI),
        concluded(DisqualificationConcluded, "d", **OF_UNIT),
    )
    await kept_up(log)
    [commendation] = (await consequences.commendations(log.pool, BRANCH)).items
    [disqualification] = (await consequences.disqualifications(log.pool, BRANCH)).items
    assert (commendation.title, commendation.member_id) == ("优秀共产党员", LI)
    assert (commendation.concluded_by, commendation.revocation) == ("secretary", None)
    assert commendation.reason.startswith(SEALED)
    assert (disqualification.organisation_id, disqualification.reason) == (BRANCH, "全支部未落实")
    await given(
        log,
        revoked(CommendationRevoked, "c", **OF_LI),
        revoked(DisqualificationRevoked, "d", **OF_UNIT),
    )
    await kept_up(log)
    [commendation] = (await consequences.commendations(log.pool, BRANCH)).items
    [disqualification] = (await consequences.disqualifications(log.pool, BRANCH)).items
    assert commendation.revocation is not None
    assert (commendation.revocation.reason or "").startswith(SEALED)
    assert disqualification.revocation is not None
    assert disqualification.revocation.reason == "已经整改"
    assert not (await consequences.commendations(log.pool, BRANCH, year=2025)).items


async def test_a_list_comes_in_pages(log: EventLog) -> None:
    await given(log, *SCENE, *(proposed(f"p{n}", 2000 + n, **OF_LI) for n in range(5)))
    await kept_up(log)
    found, after = list[str](), 0
    for _ in range(3):
        page = await consequences.proposals(log.pool, BRANCH, after=after, limit=2)
        found += [each.proposal_id for each in page.items]
        after = page.next_after or 0
    assert (found, after) == ([f"p{n}" for n in range(5)], 0)


async def test_a_role_model_shows_each_step(log: EventLog) -> None:
    agreed = RoleModelAgreed(
        **OF_MODEL, agreed_by="secretary", agreed_by_person=person("secretary")
    )
    publicised = RoleModelPublicised(
        **OF_MODEL,
        channel="宣传栏",
        publicised_by="officer",
        publicised_by_person=person("officer"),
    )
    refused = RoleModelRefused(
        **{**OF_MODEL, "role_model_id": "other"},
        reason="待核实",
        refused_by="secretary",
        refused_by_person=person("secretary"),
    )
    await given(log, *SCENE, NOMINATED)
    await kept_up(log)
    [model] = (await role_models.role_models(log.pool, COMMUNITY)).items
    assert (model.stage, model.branch_id, model.agreed_at) == (Stage.NOMINATED, BRANCH, None)
    assert model.deeds.startswith(SEALED)
    other = NOMINATED.model_copy(update={"role_model_id": "other", "event_id": "other"})
    await given(log, agreed, publicised, other, refused)
    await kept_up(log)
    model, not_agreed = (await role_models.role_models(log.pool, BRANCH)).items
    assert (model.stage, model.agreed_by, model.channel) == (
        Stage.PUBLICISED, "secretary", "宣传栏",
    )  # fmt: skip
    assert model.publicised_at is not None
    assert (not_agreed.stage, not_agreed.agreed_by) == (Stage.REFUSED, None)
    assert not_agreed.refusal is not None
    assert not_agreed.refusal.reason.startswith(SEALED)
    asked = role_models.role_models(log.pool, AUTHORITY, stage=Stage.REFUSED)
    assert [each.role_model_id for each in (await asked).items] == ["other"]


async def test_whoever_holds_the_member_sees_what_was_concluded_before(log: EventLog) -> None:
    """The fence goes with the member: the branch they left sees it no more."""
    await given(
        log,
        *SCENE,
        proposed("of-li", **OF_LI),
        proposed("of-unit", **OF_UNIT),
        concluded(CommendationConcluded, "c", **OF_LI),
        NOMINATED,
    )

    async def shown(by: str) -> tuple[int, int, int]:
        sight = seen_by(log, by)
        # What the query asks about is what lies under the root: the fence alone decides.
        return (
            len((await consequences.proposals(sight, AUTHORITY)).items),
            len((await consequences.commendations(sight, AUTHORITY)).items),
            len((await role_models.role_models(sight, AUTHORITY)).items),
        )

    await kept_up(log)
    assert [await shown(by) for by in (AUTHORITY, COMMITTEE, BRANCH)] == [(2, 1, 1)] * 3
    assert [await shown(by) for by in (OTHER_BRANCH, OTHER_COMMUNITY)] == [(0, 0, 0)] * 2
    for by in (COMMUNITY, SUBDISTRICT):
        assert len((await role_models.role_models(seen_by(log, by), by)).items) == 1
    await given(log, MOVED)
    await kept_up(log)
    assert (await shown(BRANCH), await shown(OTHER_BRANCH)) == ((1, 0, 0), (1, 1, 1))


async def test_nothing_is_left_of_an_erased_member(log: EventLog) -> None:
    about = (
        proposed("of-li", **OF_LI),
        concluded(CommendationConcluded, "c", **OF_LI),
        NOMINATED,
    )
    await given(log, *SCENE, *about)
    await kept_up(log)
    assert sum(count for _, _, count in await rows_about(log.pool, LI)) >= 5
    await given(log, ERASED)
    # What still comes about them is left alone, and so is a transfer.
    await given(log, DISMISSED, revoked(CommendationRevoked, "c", **OF_LI), MOVED)
    await kept_up(log)
    mine = {"consequences", "role_models"}
    left = [row for row in await rows_about(log.pool, LI) if row[0] in mine]
    assert [count for _, _, count in left] == [0] * 5
    before = [await checksum(log.pool, view) for view in (consequences.VIEW, role_models.VIEW)]
    await rebuild(log, (consequences.VIEW, role_models.VIEW))
    after = [await checksum(log.pool, view) for view in (consequences.VIEW, role_models.VIEW)]
    assert before == after
