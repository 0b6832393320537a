"""The audit trail's words about consultation, decisions, vetting and objections (R26-R30, R39)."""

from service.domain import consultation, decision, objection, opinion, vetting
from service.domain.event import Event

WORDS: dict[type[Event], str] = {
    consultation.ConsultationAsked: (
        "就{member_id}的{purpose}（{period}）向社区党组织征求意见，依据{document_no}，"
        "期限{due_on}，是否不告知所办事项：{masked}"
    ),
    consultation.OpinionRequested: (
        "转请{community_id}对{member_id}出具意见，事项：{purpose}，期限{due_on}"
    ),
    consultation.ReminderOrdered: "要求催办对{member_id}的社区意见",
    consultation.OpinionReminded: (
        "催办{community_id}对{member_id}的意见，期限为{due_on}，第{number}次催办"
    ),
    consultation.ConsultationEscalated: (
        "{community_id}对{member_id}的意见逾期未出具，提请{subdistrict_id}督办"
    ),
    consultation.RecusalDeclared: "{officer_id}对{member_id}的意见回避，情形：{ground}",
    consultation.ConsultationWithdrawn: "撤回对{member_id}的征求意见，理由：{reason}",
    consultation.OpinionRequestCancelled: "告知{community_id}不再需要对{member_id}出具意见",
    opinion.OpinionGiven: (
        "{replying_id}对{member_id}出具意见，总体评价：{overall}，由{given_by}签署，待会签"
    ),
    opinion.OpinionCountersigned: "{replying_id}对{member_id}的意见由{countersigned_by}会签",
    opinion.OpinionReceived: "{organisation_id}收到对{member_id}的社区意见",
    opinion.OpinionWithdrawn: "{replying_id}撤回对{member_id}的意见，原因{reason}",
    decision.DecisionOpened: "{branch_id}启动{member_id}的{purpose}（{period}）",
    decision.AbsenceExplained: "{branch_id}就{member_id}未到社区报到作出书面说明",
    decision.GateOverridden: (
        "{organisation_id}的{overridden_by}特批可以对{member_id}作出结论，未满足的条件：{conditions}"
    ),
    decision.DecisionConcluded: (
        "{organisation_id}对{member_id}作出{purpose}（{period}）结论：{result}，依据{document_no}，"
        "特批的条件：{overridden}，须注意：{notices}，结论由{concluded_by}作出"
    ),
    decision.DecisionRevised: (
        "{organisation_id}对{member_id}的{purpose}（{period}）复议，结论为{result}"
    ),
    vetting.VettingOpened: "{organisation_id}启动对{member_id}的任前考察，考察组：{team}",
    vetting.FieldInquiryAdded: (
        "{organisation_id}于{held_on}就{member_id}实地了解，与{interviewees}人谈话"
    ),
    vetting.EvidenceFrozen: (
        "{organisation_id}固定{member_id}的考察材料，截至日志位置{position}，摘要：{evidence_digest}"
    ),
    vetting.PublicNoticePosted: (
        "{organisation_id}对{member_id}任前公示，自{starts_on}起，至{ends_on}止，地点：{place}"
    ),
    objection.ObjectionRaised: (
        "{member_id}对{organisation_id}的{against}提出异议，答复期限{answer_due_on}"
    ),
    objection.ObjectionEscalated: (
        "{organisation_id}对{member_id}的异议逾期未答复，提请{above_id}答复，期限{answer_due_on}"
    ),
    objection.ObjectionAnswered: "{answering_id}答复{member_id}对{against}的异议：{outcome}",
    objection.ObjectionWithdrawn: "{member_id}撤回对{against}的异议",
}
