"""考察材料 as printed: everything that the evidence says can be read in it (R30)."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from service.printing.document import Cell, Document, Facts, Mark, Section, Table
from service.printing.evidence import evidence_document
from service.printing.press import Press
from service.projections.vetting_evidence_answer import VettingEvidence
from service.trust.transparency.checkpoint import MalformedCheckpoint
from tests.printing.invented import (
    COMMUNITY,
    DIGEST,
    FROZEN,
    PURPOSES,
    ROOT,
    ended,
    entry,
    evidence,
    said,
)
from tests.printing.test_press import text_of

SECTIONS = (
    "一、党员及活动证",
    "二、报到情况",
    "三、八小时外记录",
    "四、月查与季度反馈",
    "五、征求社区党组织意见",
    "六、未报到的说明",
    "七、评议考核结论",
    "八、奖惩与先进典型",
    "九、异议及其办理",
    "十、实地了解",
    "十一、个人信息查阅记录",
)


@pytest.fixture(scope="module")
def press() -> Press:
    """One press for all."""
    return Press()


def printed(press: Press, shown: VettingEvidence) -> str:
    """All text that is printed of it."""
    return text_of(press.pdf(evidence_document(shown, FROZEN, PURPOSES)))


def test_everything_is_there_in_its_order(press: Press) -> None:
    text = printed(press, evidence())
    places = [text.index(each) for each in SECTIONS]
    assert places == sorted(places)
    for words in (
        "任前考察材料",
        "赵䶮",
        "P-2021-000318",
        "2021年3月1日至2026年9月30日",
        "officer-0901、officer-0902、officer-0903",
        "JK-2026-000318-5，有效",
        "中共幸福里社区委员会，已接收",
        "HZ-2026-0007",
        "凭据等级A202000",
        "自愿服务121220",
        "小区环境卫生清理，清运楼道杂物",
        "良好，态度认真，居民反映良好",
        "密钥b5bb9d8014a0（代管）",
        "作废（2026-02-2106:00）：重复录入",
        "江口市财政局机关第一党支部月查8次",
        "社区已更正记录",
        "关于干部任前考察征求社区党组织意见的办法（江组发〔2026〕12号）",
        "对社区不告知所办事项",
        "第1次催办：2026-12-1523:00系统",
        "总体评价：好（已会签）",
        "社会公德：好；社区公约：好；作风形象：一般",
        "该同志积极参加社区活动，群众反映好。",
        "【特批】未满足的条件：社区逾期未答复",
        "经特批，未满足：社区逾期未答复",
        "【有异议】【特批】年度考核，2025年度：称职",
        "对评议考核结论：待答复，答复期限2026年10月15日",
        "本人认为2025年的参加记录未计全，请予复核。",
        "邻里反映该同志热心公益",
        "干部选拔任用考察",
    ):
        assert "".join(words.split()) in text, words


def test_the_code_says_which_evidence_and_which_tree(press: Press) -> None:
    document = evidence_document(evidence(1), FROZEN, PURPOSES)
    assert document.code is not None
    assert document.code.content == f"sha256:{DIGEST}\neighthours.local/log\n10234\n{ROOT}\n"
    reader = PdfReader(io.BytesIO(press.pdf(document)))
    for page in reader.pages:
        text = "".join(page.extract_text().split())
        assert f"材料摘要{DIGEST[:16]}" in text
        assert "考察编号0b9b1f0e-6d0f-4c59-9a42-5f1a6c3f2f10" in text
    assert DIGEST in "".join(reader.pages[0].extract_text().split())
    assert ROOT in reader.pages[0].extract_text()


def test_another_checkpoint_is_another_code() -> None:
    broken = FROZEN.__class__(DIGEST, "eighthours.local/log\nzehn\n\n— x y\n", FROZEN.frozen_on)
    with pytest.raises(MalformedCheckpoint):
        evidence_document(evidence(1), broken, PURPOSES)


def test_a_typical_one_is_small(press: Press) -> None:
    pdf = press.pdf(evidence_document(evidence(30), FROZEN, PURPOSES))
    assert len(pdf) < 150_000


def test_five_hundred_entries_are_all_printed(press: Press) -> None:
    pdf = press.pdf(evidence_document(evidence(500), FROZEN, PURPOSES))
    text = text_of(pdf)
    assert all(f"第{1000 + number}号" in text for number in range(500))
    assert len(pdf) < 400_000


def marked(document: Document, mark: Mark) -> list[str]:
    """The first line of every text with a mark."""
    found: list[str] = []

    def look(section: Section) -> None:
        for block in section.blocks:
            if isinstance(block, Table):
                cells = [cell for row in block.rows for cell in row]
            elif isinstance(block, Facts):
                cells = [cell for _, cell in block.pairs]
            else:
                cells = [block.text]
            found.extend(
                each.text.split("\n")[0]
                for each in cells
                if isinstance(each, Cell) and mark in each.marks
            )
        for inner in section.sections:
            look(inner)

    for section in document.sections:
        look(section)
    return found


def test_what_is_disputed_is_marked_wherever_it_stands() -> None:
    shown = evidence(
        4,
        consultations=[_sections()["consultations"][0] | {"disputed": True}],
        feedback=[_sections()["feedback"][0] | {"disputed": True}],
        disqualifications=[
            {
                "disqualification_id": "d",
                "year": 2025,
                "document_no": "江组发〔2026〕1号",
                "cause_event_ids": ["e"],
                "reason": None,
                "disputed": True,
                "concluded": said(7200),
                "revoked": None,
            }
        ],
    )
    document = evidence_document(shown, FROZEN, PURPOSES)
    assert marked(document, Mark.DISPUTED) == [
        "社区图书室值守，整理图书并接待青少年",
        "签到后没有签退",
        "优秀",
        "任前考察，2021年3月1日至2026年9月30日",
        "年度考核，2025年度：称职",
        "取消评优评先资格",
        "对评议考核结论：待答复，答复期限 2026年10月15日",
    ]
    undisputed = evidence(
        3,
        discrepancies=[],
        decisions=[_sections()["decisions"][0] | {"disputed": False}],
        objections=[_sections()["objections"][0] | {"state": "withdrawn"}],
    )
    assert not marked(evidence_document(undisputed, FROZEN, PURPOSES), Mark.DISPUTED)


def test_an_override_is_marked_wherever_the_decision_stands() -> None:
    document = evidence_document(evidence(1), FROZEN, PURPOSES)
    assert marked(document, Mark.OVERRIDDEN) == [
        "年度考核，2025年度：称职",
        "未满足的条件：社区逾期未答复",
        "称职，依据 江财党〔2026〕3号",
    ]


def test_withdrawn_and_voided_are_shown_as_such() -> None:
    consultation = _sections()["consultations"][0]
    opinion = consultation["opinions"][0] | {
        "state": "withdrawn",
        "withdrawn": ended(8300, None, "所附情况有误"),
    }
    shown = evidence(6, consultations=[consultation | {"opinions": [opinion]}])
    document = evidence_document(shown, FROZEN, PURPOSES)
    assert marked(document, Mark.WITHDRAWN) == ["总体评价：好（已撤回）"]
    assert len(marked(document, Mark.VOIDED)) == 1


def test_texts_that_nobody_may_read_are_shown_as_the_api_shows_them(press: Press) -> None:
    destroyed = "（已销毁）"
    member = _sections()["member"] | {"name": destroyed}
    year = _sections()["off_duty_record"][0]
    year["entries"] = [entry(0, content="（已限制处理）")]
    text = printed(press, evidence(member=member, off_duty_record=[year]))
    assert f"姓名{destroyed}" in text
    assert "（已限制处理）环境卫生保洁岗" in text


def test_somebody_who_never_checked_in(press: Press) -> None:
    shown = evidence(
        0,
        registrations=[],
        off_duty_record=[],
        consultations=[],
        decisions=[],
        objections=[],
        readings=0,
        absences=[
            {
                "explanation_id": "x",
                "explained_on": "2026-09-01",
                "explanation": "长期在外挂职，未到社区报到。",
                "unit_view": "情况属实，同意按程序办理。",
                "stated": said(9000, COMMUNITY),
            }
        ],
    )
    text = printed(press, shown)
    for words in (
        "从未到社区报到。",
        "没有参加记录。",
        "未征求过社区党组织意见。",
        "长期在外挂职，未到社区报到。",
        "情况属实，同意按程序办理。",
        "没有提出异议。",
    ):
        assert words in text


def _sections() -> dict[str, Any]:
    return evidence(6).model_dump(mode="json")
