"""职责分离: which act keeps whom from which other act on the same matter (R6, R17, R27, R33).

`MATRIX` is the one table that says it. The commands follow it through `require_apart`, the database
through its tables `log.exclusions` and `log.duties` (a migration fills them, a test compares them),
the tests by putting every row to both. It speaks of natural persons: an account, a role or an
organisation that somebody also acts for makes nobody another person.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from service.domain.event import Rejection
from service.domain.organisation import Organisations


class Act(StrEnum):
    """办理行为: what a person did on a matter, in the word the database guard keeps as well."""

    SERVED = "served"
    """Not an act of office: whose own matter it is."""
    RECORDED = "recorded"
    CORRECTED = "corrected"
    VOIDED = "voided"
    ENDORSED = "endorsed"
    DECLINED = "declined"
    REVOKED = "revoked"
    KEY_PROPOSED = "key_proposed"
    KEY_APPROVED = "key_approved"
    OPINION_SIGNED = "opinion_signed"
    OPINION_COUNTERSIGNED = "opinion_countersigned"
    RECUSED = "recused"
    GATE_OVERRIDDEN = "gate_overridden"
    OBJECTION_ANSWERED = "objection_answered"
    FEEDBACK_GIVEN = "feedback_given"
    CONCLUDED = "concluded"
    """A commendation or disqualification was concluded or taken back, or a proposal dismissed."""
    NOMINATED = "nominated"
    AGREED = "agreed"
    PUBLICISED = "publicised"

    @property
    def word(self) -> str:
        return {
            "served": "参加",
            "recorded": "记录",
            "corrected": "更正",
            "voided": "作废",
            "endorsed": "认定",
            "declined": "不予认定",
            "revoked": "撤销认定",
            "key_proposed": "登记密钥",
            "key_approved": "核准密钥",
            "opinion_signed": "签署意见",
            "opinion_countersigned": "会签意见",
            "recused": "回避",
            "gate_overridden": "特批",
            "objection_answered": "答复异议",
            "feedback_given": "反馈表现",
            "concluded": "作出结论",
            "nominated": "推荐先进典型",
            "agreed": "同意先进典型",
            "publicised": "宣传先进典型",
        }[self.value]


class NotInOwnMatter(Rejection):
    """党员本人不得办理自己的事项，例如记录、认定、出具意见、评议考核、评优、取消资格和答复异议。"""

    rule = "R6"


class EndorsedByRecorder(Rejection):
    """记录人不得认定自己记录的参加情况，须由另一名负责人认定。"""

    rule = "R17"


class CorrectedByEndorser(Rejection):
    """答复过认定的人不得更正同一条参加记录，须由另一名负责人更正。"""

    rule = "R17"


class KeyApprovedByProposer(Rejection):
    """登记密钥的人不得核准该密钥，须由另一人核准。"""

    rule = "R17"


class OpinionSignedTwice(Rejection):
    """同一份意见须由两名不同的人签署。"""

    rule = "R27"


class ReplierRecused(Rejection):
    """应当回避的人不得签署对该党员的意见。"""

    rule = "R27"


class ConcludedByOverrider(Rejection):
    """特批的人不得自己作出结论，须由另一人作出。"""

    rule = "R26"


class AnsweredByObjectedTo(Rejection):
    """认定、签署意见、作出结论或者反馈的人，与答复其异议的人须为不同的人。"""

    rule = "R39"


class AgreedByNominator(Rejection):
    """推荐先进典型的人不得代表所在单位同意该推荐，须由另一人同意。"""

    rule = "R33"


class EndorsedWithinOwnLine(Rejection):
    """认定的社区党组织不得是该党员所在支部，也不得是其上级或者下级组织。"""

    rule = "R17"


class Exclusion(NamedTuple):
    """Whoever did ``earlier`` on a matter may not do ``act`` on it."""

    act: Act
    earlier: Act
    refusal: type[Rejection]


MATRIX: tuple[Exclusion, ...] = (
    Exclusion(Act.RECORDED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.CORRECTED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.VOIDED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.ENDORSED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.DECLINED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.REVOKED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.ENDORSED, Act.RECORDED, EndorsedByRecorder),
    Exclusion(Act.ENDORSED, Act.CORRECTED, EndorsedByRecorder),
    Exclusion(Act.DECLINED, Act.RECORDED, EndorsedByRecorder),
    Exclusion(Act.DECLINED, Act.CORRECTED, EndorsedByRecorder),
    # Else an endorser would make themselves a recorder, and in a community with two responsible
    # persons nobody would be left to endorse what was corrected.
    Exclusion(Act.CORRECTED, Act.ENDORSED, CorrectedByEndorser),
    Exclusion(Act.CORRECTED, Act.DECLINED, CorrectedByEndorser),
    Exclusion(Act.KEY_APPROVED, Act.KEY_PROPOSED, KeyApprovedByProposer),
    Exclusion(Act.OPINION_COUNTERSIGNED, Act.OPINION_SIGNED, OpinionSignedTwice),
    # Of an opinion in the place of a withdrawn one: of two who signed, each keeps their place.
    Exclusion(Act.OPINION_SIGNED, Act.OPINION_COUNTERSIGNED, OpinionSignedTwice),
    Exclusion(Act.OPINION_SIGNED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.OPINION_COUNTERSIGNED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.OPINION_SIGNED, Act.RECUSED, ReplierRecused),
    Exclusion(Act.OPINION_COUNTERSIGNED, Act.RECUSED, ReplierRecused),
    Exclusion(Act.GATE_OVERRIDDEN, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.CONCLUDED, Act.GATE_OVERRIDDEN, ConcludedByOverrider),
    # Else whoever concluded against the member would judge whether that was right. Whoever recorded
    # a participation may: it was the endorser who judged, and a community has few to answer.
    Exclusion(Act.OBJECTION_ANSWERED, Act.SERVED, NotInOwnMatter),
    *(
        Exclusion(Act.OBJECTION_ANSWERED, earlier, AnsweredByObjectedTo)
        for earlier in (
            Act.ENDORSED,
            Act.DECLINED,
            Act.REVOKED,
            Act.OPINION_SIGNED,
            Act.OPINION_COUNTERSIGNED,
            Act.CONCLUDED,
            Act.FEEDBACK_GIVEN,
        )
    ),
    Exclusion(Act.FEEDBACK_GIVEN, Act.SERVED, NotInOwnMatter),
    # To turn a nomination of oneself down is nobody's advantage: only the steps towards it count.
    Exclusion(Act.CONCLUDED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.NOMINATED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.AGREED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.PUBLICISED, Act.SERVED, NotInOwnMatter),
    Exclusion(Act.AGREED, Act.NOMINATED, AgreedByNominator),
)


class Duty(NamedTuple):
    """How an event tells who did what on which matter; fields of the event, by name.

    An event is an act of everybody it names. Only somebody on whose delegation it was done may be
    missing.
    """

    type: str
    act: Act
    matter: str
    persons: tuple[str, ...]


DUTIES: tuple[Duty, ...] = (
    Duty(
        "ParticipationRecorded",
        Act.RECORDED,
        "participation_id",
        ("recorded_by_person", "delegated_by_person"),
    ),
    Duty(
        "ParticipationCorrected",
        Act.CORRECTED,
        "participation_id",
        ("recorded_by_person", "delegated_by_person"),
    ),
    Duty(
        "ParticipationVoided",
        Act.VOIDED,
        "participation_id",
        ("voided_by_person", "delegated_by_person"),
    ),
    Duty(
        "ParticipationEndorsed",
        Act.ENDORSED,
        "participation_id",
        ("endorsed_by_person", "delegated_by_person"),
    ),
    Duty(
        "EndorsementDeclined",
        Act.DECLINED,
        "participation_id",
        ("declined_by_person", "delegated_by_person"),
    ),
    Duty(
        "EndorsementRevoked",
        Act.REVOKED,
        "participation_id",
        ("revoked_by_person", "delegated_by_person"),
    ),
    Duty("SigningKeyProposed", Act.KEY_PROPOSED, "signing_key_id", ("proposed_by_person",)),
    Duty("SigningKeyApproved", Act.KEY_APPROVED, "signing_key_id", ("approved_by_person",)),
    # Signing, countersigning and recusal are about the consultation: whoever signed an opinion that
    # was withdrawn does not countersign the one in its place.
    Duty("OpinionGiven", Act.OPINION_SIGNED, "consultation_id", ("given_by_person",)),
    Duty(
        "OpinionCountersigned",
        Act.OPINION_COUNTERSIGNED,
        "consultation_id",
        ("countersigned_by_person",),
    ),
    Duty("RecusalDeclared", Act.RECUSED, "consultation_id", ("officer_person",)),
    Duty("GateOverridden", Act.GATE_OVERRIDDEN, "decision_id", ("overridden_by_person",)),
    Duty("DecisionConcluded", Act.CONCLUDED, "decision_id", ("concluded_by_person",)),
    Duty("DecisionRevised", Act.CONCLUDED, "decision_id", ("revised_by_person",)),
    Duty("ObjectionAnswered", Act.OBJECTION_ANSWERED, "subject_id", ("answered_by_person",)),
    Duty("QuarterlyFeedbackGiven", Act.FEEDBACK_GIVEN, "feedback_id", ("given_by_person",)),
    Duty("CommendationConcluded", Act.CONCLUDED, "commendation_id", ("concluded_by_person",)),
    Duty("CommendationRevoked", Act.CONCLUDED, "commendation_id", ("revoked_by_person",)),
    Duty(
        "DisqualificationConcluded", Act.CONCLUDED, "disqualification_id", ("concluded_by_person",)
    ),
    Duty("DisqualificationRevoked", Act.CONCLUDED, "disqualification_id", ("revoked_by_person",)),
    Duty("ProposalDismissed", Act.CONCLUDED, "proposal_id", ("dismissed_by_person",)),
    Duty("RoleModelNominated", Act.NOMINATED, "role_model_id", ("nominated_by_person",)),
    Duty("RoleModelAgreed", Act.AGREED, "role_model_id", ("agreed_by_person",)),
    Duty("RoleModelPublicised", Act.PUBLICISED, "role_model_id", ("publicised_by_person",)),
)

_EXCLUDED: dict[Act, tuple[Exclusion, ...]] = {
    act: tuple(each for each in MATRIX if each.act is act) for act in Act
}


def require_apart(
    act: Act, identities: frozenset[str], done: Mapping[Act, Iterable[str | None]]
) -> None:
    """Refused by the first row of the matrix that keeps one of these from the act.

    ``identities`` are all that stand behind the act: the person, and on whose delegation they act.
    ``done`` is who did what on the matter so far.
    """
    for each in _EXCLUDED[act]:
        if not identities.isdisjoint(done.get(each.earlier, ())):
            raise each.refusal


def require_outside_line(
    organisations: Organisations, community_id: str, branch_ids: Iterable[str]
) -> None:
    """Refused if the community is one of these branches, above or below one of them (R17).

    The branches are all the member ever belonged to, and what stands above an organisation never
    changes: so it holds for the day of the activity and for that of the endorsement.
    """
    line = organisations.line_of(community_id)
    for branch_id in branch_ids:
        if branch_id in line or community_id in organisations.line_of(branch_id):
            raise EndorsedWithinOwnLine


_REFUSALS: tuple[type[Rejection], ...] = (
    *(row.refusal for row in MATRIX),
    EndorsedWithinOwnLine,
)
REFUSALS = {each.code(): each for each in _REFUSALS}
"""By the code under which the database guard refuses."""
