"""What was asked, decided and objected to about a member."""

from collections.abc import Iterable

from service.domain.consultation import RecusalGround
from service.domain.decision_purpose import period_word
from service.domain.gate_condition import Condition
from service.printing.document import Block, Cell, Column, Facts, Paragraph, Table, Text, marks
from service.printing.record_sections import Held
from service.printing.wording import NONE, Speakers, day, lines, signed, word
from service.projections.vetting_evidence_consultations_answer import (
    EvidenceConsultation,
    OpinionShown,
)
from service.projections.vetting_evidence_decisions_answer import (
    CommendationShown,
    ConclusionShown,
    DecisionShown,
    DisqualificationShown,
    RoleModelShown,
)

_CONSULTATION = {"asked": "待答复", "answered": "已有意见", "withdrawn": "已撤回"}
_OPINION = {"given": "待会签", "countersigned": "已会签", "withdrawn": "已撤回"}
_ROLE_MODEL = {
    "nominated": "已推荐，待单位答复",
    "agreed": "单位已同意，待宣传",
    "refused": "单位不同意",
    "publicised": "已宣传",
}
_OBJECTION = {
    "open": "待答复",
    "escalated": "已提级，待答复",
    "answered": "已答复",
    "withdrawn": "已撤回",
}


def consultations(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Each time the community was asked, with every opinion it gave."""
    if not held.consultations:
        return (Paragraph("未征求过社区党组织意见。"),)
    return tuple(_consultation(each, said) for each in held.consultations)


def _consultation(asked: EvidenceConsultation, said: Speakers) -> Facts:
    what = f"{asked.purpose.word}，{period_word(asked.period)}"
    pairs: list[tuple[str, Text]] = [
        ("事　　项", Cell(what, marks(disputed=asked.disputed))),
        (
            "征　　求",
            lines(
                f"向{said.name(asked.to_community_id)}征求，{_CONSULTATION[asked.state]}"
                + ("；对社区不告知所办事项" if asked.masked else ""),
                said.said(asked.asked),
                f"依据：{asked.document_title}（{asked.document_no}）",
                f"答复期限：{day(asked.due_on)}",
                *(f"第{each.number}次催办：{said.said(each.stated)}" for each in asked.reminders),
                said.also("提请街道督办", asked.escalated),
                *(
                    f"回避：{each.officer_id}，{word(each.ground, RecusalGround)}，"
                    f"{said.said(each.stated)}"
                    for each in asked.recusals
                ),
                said.ended("撤回", asked.withdrawn),
            ),
        ),
    ]
    pairs += [("社区意见", _opinion(each, said)) for each in asked.opinions]
    return Facts(tuple(pairs))


def _opinion(opinion: OpinionShown, said: Speakers) -> Cell:
    figures = opinion.figures
    second = [
        f"会签：{said.said(each.stated)}，{signed(each.signature)}"
        for each in [opinion.countersigned]
        if each
    ]
    text = lines(
        f"总体评价：{opinion.overall.word}（{_OPINION[opinion.state]}）",
        f"社会公德：{opinion.social_morality.word}；社区公约：{opinion.community_pledge.word}；"
        f"作风形象：{opinion.bearing.word}",
        opinion.comment,
        f"所附数据：{figures.registered_since or '——'}起报到；"
        f"凭据等级A {figures.grade_a}次、B {figures.grade_b}次、C {figures.grade_c}次、"
        f"D {figures.grade_d}次；自愿服务{figures.voluntary_minutes}分钟，"
        f"组织安排{figures.duty_minutes}分钟（截至日志第{figures.as_of_position}号）",
        f"签署：{said.said(opinion.given)}，{signed(opinion.signature)}",
        *second,
        opinion.replaces and f"替代已撤回的意见 {opinion.replaces}",
        said.ended("撤回", opinion.withdrawn),
    )
    return Cell(text, marks(withdrawn=opinion.state == "withdrawn"))


def absences(held: Held, said: Speakers) -> tuple[Block, ...]:
    """The unit's explanations of somebody who never checked in."""
    if not held.absences:
        return (Paragraph(NONE),)
    pairs: list[tuple[str, Text]] = []
    for each in held.absences:
        pairs += [
            ("书面说明", lines(each.explanation, said.said(each.stated))),
            ("单位意见", each.unit_view),
        ]
    return (Facts(tuple(pairs)),)


def decisions(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Each decision, what was overridden, and what became of it."""
    if not held.decisions:
        return (Paragraph(NONE),)
    return tuple(_decision(each, said) for each in held.decisions)


def _conditions(what: str, codes: Iterable[str]) -> str:
    words = "、".join(word(code, Condition) for code in codes)
    return f"{what}：{words}" if words else ""


def _decision(decision: DecisionShown, said: Speakers) -> Facts:
    borne = marks(disputed=decision.disputed, overridden=bool(decision.overrides))
    result = decision.result.word if decision.result else "尚未作出结论"
    what = f"{decision.purpose.word}，{period_word(decision.period)}：{result}"
    pairs: list[tuple[str, Text]] = [
        ("事项、结论", Cell(lines(what, f"启动：{said.said(decision.opened)}"), borne))
    ]
    for each in decision.overrides:
        text = lines(
            _conditions("未满足的条件", each.conditions), each.reason, said.said(each.stated)
        )
        pairs.append(("特　　批", Cell(text, marks(overridden=True))))
    for posted in decision.public_notices:
        days = f"{day(posted.starts_on)}至{day(posted.ends_on)}，{posted.place}"
        calendars = f"工作日依据：{'；'.join(posted.calendars)}"
        pairs.append(("任前公示", lines(days, calendars, said.said(posted.stated))))
    if decision.conclusion is not None:
        pairs.append(("作出结论", _conclusion(decision.conclusion, said)))
    pairs += [
        (
            "复　　议",
            lines(
                f"{each.result.word}（依据异议 {each.objection_id}）",
                each.reason,
                said.said(each.stated),
            ),
        )
        for each in decision.revisions
    ]
    return Facts(tuple(pairs))


def _conclusion(made: ConclusionShown, said: Speakers) -> Cell:
    text = lines(
        f"{made.result.word}，依据 {made.document_no}",
        made.reason,
        said.said(made.stated),
        f"所依据的社区意见：{'、'.join(made.opinion_ids) or NONE}",
        _conditions("提示", made.notices),
        _conditions("经特批，未满足", made.overridden),
    )
    return Cell(text, marks(overridden=bool(made.overridden)))


def consequences(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Commendations, disqualifications, role models."""
    rows: list[tuple[Text, Text]] = [
        *(_consequence(f"评优：{each.title}", each, said) for each in held.commendations),
        *(
            _consequence("取消评优评先资格", each, said, disputed=each.disputed)
            for each in held.disqualifications
        ),
        *(_role_model(each, said) for each in held.role_models),
    ]
    if not rows:
        return (Paragraph(NONE),)
    return (Table((Column("事项", 5), Column("依据和理由", 16)), rows),)


def _consequence(
    what: str,
    concluded: CommendationShown | DisqualificationShown,
    said: Speakers,
    *,
    disputed: bool = False,
) -> tuple[Text, Text]:
    text = lines(
        f"{concluded.year}年度，依据 {concluded.document_no}",
        concluded.reason,
        said.said(concluded.concluded),
        f"所依据的事件：{len(concluded.cause_event_ids)}个，编号见电子材料",
        said.ended("撤销", concluded.revoked),
    )
    borne = marks(disputed=disputed, withdrawn=concluded.revoked is not None)
    return Cell(what, borne), text


def _role_model(model: RoleModelShown, said: Speakers) -> tuple[Text, Text]:
    text = lines(
        model.deeds,
        said.also("推荐", model.nominated),
        said.ended("单位答复", model.answered),
        said.also("宣传", model.publicised),
    )
    return f"先进典型：{_ROLE_MODEL[model.state]}", text


def objections(held: Held, said: Speakers) -> tuple[Block, ...]:
    """Each objection, with its answer or until when one is owed."""
    if not held.objections:
        return (Paragraph("没有提出异议。"),)
    rows = []
    for each in held.objections:
        answers = [each.answer] if each.answer else []
        text = lines(
            each.text,
            f"提出：{said.said(each.raised)}" + ("，支部代为登记" if each.on_paper else ""),
            said.also("提级", each.escalated),
            *(
                f"答复：{answer.outcome.word}，{answer.text}，{said.said(answer)}"
                for answer in answers
            ),
            said.also("撤回", each.withdrawn),
        )
        waiting = each.state in {"open", "escalated"}
        due = f"，答复期限 {day(each.answer_due_on)}" if waiting else ""
        what = f"对{each.against.word}：{_OBJECTION[each.state]}{due}"
        rows.append((Cell(what, marks(disputed=waiting)), text))
    return (Table((Column("异议", 6), Column("内容和办理情况", 15)), rows),)


def field_inquiries(held: Held, said: Speakers) -> tuple[Block, ...]:
    """What the team learnt on the spot."""
    rows = [
        (
            day(each.held_on),
            lines(f"{'、'.join(each.inquirers)}", f"谈话{each.interviewees}人"),
            lines(each.findings, said.said(each.stated)),
        )
        for each in held.field_inquiries
    ]
    if not rows:
        return (Paragraph(NONE),)
    return (Table((Column("日期", 4), Column("了解人", 6), Column("了解到的情况", 12)), rows),)
