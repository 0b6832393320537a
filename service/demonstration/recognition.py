"""What follows from a year in the committee: rules adopted, proposals, and what people conclude.

Nothing follows by itself (R28): of what the rules propose some is concluded, some is dismissed and
the rest waits.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from service.api.consequence import findings
from service.api.evaluating import year_of
from service.api.history import history
from service.api.serving import Serving
from service.data.rulepacks import shipped_rule_packs
from service.demonstration import data, selection
from service.demonstration.step import YEAR, Script, Step, ident, officer, on
from service.domain.concluding import ConcludeCommendation, ConcludeDisqualification
from service.domain.consequence import DismissalReason, Outcome
from service.domain.dismissing import DismissProposal
from service.domain.proposing import ProposeConsequences
from service.domain.publicising import AgreeToRoleModel, NominateRoleModel, PubliciseRoleModel
from service.domain.role_model import RoleModels
from service.domain.rule_pack_adoption import AdoptRulePack
from service.projections import consequences, organisation_statistics, rule_packs
from service.projections.consequences import Proposal, ProposalState
from service.projections.statistics_years import member_years
from service.projections.view import Sight

_PROPOSED_FROM = organisation_statistics.VIEW, rule_packs.VIEW
_ROLE_MODEL = ident("role-model")


def tell(script: Script, authority_id: str, committee_id: str) -> None:
    """Adds everything to the script."""
    adopted = [(authority_id, shipped_rule_packs()[name]) for name in data.supervision().adopted]
    for number, (by, pack) in enumerate([*adopted, (committee_id, data.supervision().pack)]):
        script.add(
            f"rule-pack/{by}/{pack.code}",
            AdoptRulePack(
                by=officer(by),
                at=on(1, 8, 14, 10 * number),
                pack_id=ident("rule-pack", by, pack.code),
                pack=pack,
            ),
        )
    for code, by, at in (
        ("registration_deadline", committee_id, on(7, 21, 10)),
        ("stars", committee_id, on(11, 10, 10)),
        ("unit_rates", authority_id, on(12, 28, 10)),
    ):
        script.scene(at, partial(_propose, code, by), *_PROPOSED_FROM)
    script.scene(on(8, 4, 15), partial(_on_ineligible, committee_id), consequences.VIEW)
    script.scene(on(11, 11, 10), partial(_select, committee_id), consequences.VIEW)
    selection.tell(script)
    script.scene(on(11, 17, 15), partial(_on_recommended, committee_id), consequences.VIEW)
    script.scene(on(9, 15, 10), partial(_nominate, committee_id), organisation_statistics.VIEW)
    script.scene(on(9, 21, 15), partial(_agree, committee_id))
    script.scene(on(9, 25, 10), _publicise)


async def _propose(code: str, by: str, serving: Serving, at: datetime) -> list[Step]:
    """What this pack comes to so far is proposed."""
    position, sight = await serving.log.head(), Sight(serving.log.fenced, by)
    year = await year_of(serving, sight, by, YEAR, position)
    found = await findings(serving.places, sight, year, code)
    if not found:
        return []
    command = ProposeConsequences(
        by=officer(by), at=at, year=YEAR, findings=found, as_of_position=position
    )
    return [Step(f"proposals/{by}/{code}", command)]


async def _open(serving: Serving, by: str, outcome: Outcome) -> Sequence[Proposal]:
    sight = Sight(serving.log.fenced, by)
    page = await consequences.proposals(sight, by, state=ProposalState.OPEN)
    return [each for each in page.items if each.outcome is outcome]


async def _on_ineligible(by: str, serving: Serving, at: datetime) -> list[Step]:
    """One of those proposed as ineligible is disqualified, another is not."""
    words = data.supervision().ineligible
    proposals = await _open(serving, by, Outcome.INELIGIBLE)
    steps = [
        Step(
            "disqualification",
            ConcludeDisqualification(
                by=officer(by),
                at=at,
                disqualification_id=ident("disqualification"),
                proposal_id=each.proposal_id,
                reason=words.disqualification,
            ),
        )
        for each in proposals[:1]
    ]
    return steps + [
        Step(
            "dismissal",
            DismissProposal(
                by=officer(by),
                at=at,
                proposal_id=each.proposal_id,
                reason_code=DismissalReason.GOOD_CAUSE,
                reason=words.dismissal,
            ),
        )
        for each in proposals[1:2]
    ]


async def _select(by: str, serving: Serving, at: datetime) -> list[Step]:
    """Whoever is to be commended is selected first."""
    return selection.begin(await _open(serving, by, Outcome.RECOMMENDED), serving, at)


async def _on_recommended(by: str, serving: Serving, at: datetime) -> list[Step]:
    """Of those recommended the one who was selected is commended; the others wait."""
    words = data.supervision().commendation
    return [
        Step(
            "commendation",
            ConcludeCommendation(
                by=officer(by),
                at=at,
                commendation_id=ident("commendation"),
                title=words.title,
                reason=words.reason,
                proposal_id=each.proposal_id,
            ),
        )
        for each in (await _open(serving, by, Outcome.RECOMMENDED))[:1]
    ]


async def _nominate(committee_id: str, serving: Serving, at: datetime) -> list[Step]:
    """A community nominates whoever of the committee's members has served most."""
    sight, today = Sight(serving.log.fenced, committee_id), at.date()
    years, _ = await member_years(sight, committee_id, YEAR, today)
    registered = [(each.minutes(), each.member_id, each.community_id) for each in years]
    minutes, member_id, community_id = max(registered, default=(0, "", None))
    if not minutes or community_id is None:
        return []
    return [
        Step(
            "role-model",
            NominateRoleModel(
                by=officer(community_id),
                at=at,
                role_model_id=_ROLE_MODEL,
                member_id=member_id,
                deeds=data.supervision().role_model.deeds,
            ),
        )
    ]


async def _nominated(serving: Serving) -> RoleModels:
    found = RoleModels()
    for recorded in await history(serving.log, RoleModels.about(_ROLE_MODEL)):
        recorded.event.mutate(found)
    return found


async def _agree(committee_id: str, serving: Serving, at: datetime) -> list[Step]:
    return [
        Step(
            "role-model/agreed",
            AgreeToRoleModel(by=officer(committee_id), at=at, role_model_id=each),
        )
        for each in (await _nominated(serving)).known
    ]


async def _publicise(serving: Serving, at: datetime) -> list[Step]:
    return [
        Step(
            "role-model/publicised",
            PubliciseRoleModel(
                by=officer(each.community_id),
                at=at,
                role_model_id=_ROLE_MODEL,
                channel=data.supervision().role_model.channel,
            ),
        )
        for each in (await _nominated(serving)).known.values()
    ]
