"""The Chinese words of everything the contracts name, and what has none."""

import re
from collections.abc import Iterator
from enum import Enum

from service.api import problems
from service.contracts import words_of_decisions
from service.contracts.capability import capabilities, events, tags_of
from service.contracts.unpublishable import WordMissing
from service.domain.evidence import GRADE_WORDS

_CHINESE = re.compile(r"[\u4e00-\u9fff]")

ENVELOPE = {
    "actor": "办理者：以哪个组织、由谁、以什么身份、通过哪个客户端办理",
    "caused_by": "起因：引起这一事件的事件编号",
    "data": "事件内容；标有 x-personal 的为个人信息，加密保存",
    "event_id": "事件编号",
    "occurred_at": "发生时间（北京时间）",
    "recorded_at": "记录时间（北京时间），补记的晚于发生时间",
    "type": "事件类型，永不改变",
    "version": "结构的版本",
    "client": "客户端编号；由系统自身办理的为空",
    "organisation_id": "办理的组织",
    "person": "办理人编号，不是姓名",
    "role": "办理人的身份；responsible 为负责人",
}
"""What stands around the fields of every event."""

TAGS = {
    **words_of_decisions.TAGS,
    "account": "账号",
    "activity": "活动",
    "branch": "机关党支部",
    "branch-transfer": "组织关系转接",
    "certificate": "活动证",
    "claim": "认岗",
    "commendation": "评优",
    "consolidation": "季度汇总",
    "community": "社区党组织",
    "credit-code": "统一社会信用代码",
    "delegation": "委托",
    "disqualification": "取消资格",
    "endorsement": "认定",
    "erasure": "删除个人信息",
    "exemption": "免予报到",
    "leave": "请假",
    "member": "党员",
    "member-no": "党员编号",
    "officer": "办理人（组织内的编号）",
    "organisation": "组织",
    "pack": "考核规则包",
    "participation": "参加记录",
    "person": "自然人（身份证号码的密钥散列，不可还原）",
    "post": "服务岗",
    "post-category": "增设的岗位类别",
    "proposal": "考核建议",
    "readings-from": "封存的首个查阅记录编号",
    "readings-to": "封存的末个查阅记录编号",
    "registration": "报到",
    "reminder": "督办",
    "report": "季报",
    "review": "关注事项",
    "role-model": "先进典型",
    "signing-key": "签名密钥（公钥的指纹）",
    "summary": "半年总结",
    "symposium": "季度座谈会",
    "discrepancy": "月查发现的差异",
    "feedback": "季度反馈",
    "inspection": "月查",
    "visit": "走访社区",
}
"""The kinds of subject events are found by."""

PURPOSES = {
    "identity": "身份信息（姓名、身份证号码、电话、住址）",
    "assessment": "对党员的评语与说明",
}
"""What personal fields are about: each has a key of its own per member."""

CHOICES = {
    "duty": "组织安排",
    "voluntary": "自愿",
    "qr": "扫码",
    "code": "签到码",
    "roll_call": "点名",
    "minimum": "最低要求",
    "bands": "分档",
    "deadline": "报到期限",
    "rate": "单位比率",
}
"""Values that are written as they are, without a kind of their own."""
# Grades have a table of their own in the glossary.
_WRITTEN: dict[str, str] = {**CHOICES, **{str(grade): GRADE_WORDS[grade] for grade in GRADE_WORDS}}

FIELDS = {
    **words_of_decisions.FIELDS,
    "above_id": "上一级组织；空为没有上级",
    "account_id": "账号编号",
    "activated_by": "启用人：安全管理员的账号",
    "activity_id": "活动",
    "adopted_by": "采用人编号",
    "adopted_by_person": "采用人的自然人标识",
    "agreed_by": "代表单位同意的负责人编号",
    "agreed_by_person": "代表单位同意的自然人标识",
    "amendments": "各份季报已计入的更正次数，与季报依次对应",
    "ancestors": "各级上级组织，由近及远",
    "approved_by": "核准人编号，不得核准自己提出的密钥",
    "approved_by_person": "核准人的自然人标识",
    "area_code": "区划代码：区县以上6位，社区12位",
    "as_of_position": "数字截至的日志位置",
    "at_least": "不少于多少",
    "attendees": "到会人数",
    "authority_id": "所报的组织部门；空为没有",
    "award": "所得：星级或者积分",
    "bands": "各档，含下限、不含上限",
    "base": "基本分",
    "basis": "报到依据",
    "below": "上限，不含；空为以上不限",
    "branch_id": "机关党支部",
    "calendar": "统计所依据的放假安排；空为该年度尚未公布",
    "campaign": "报到活动名称",
    "cancelled_by": "撤销删除申请的办理人编号",
    "cap": "封顶；空为不设上限",
    "capacity": "名额；空为不限",
    "categories": "计入的类别；空为不限",
    "category": "岗位类别：九类之一的代码，或者本地区增设类别的名称",
    "cause_event_ids": "导致它的事件",
    "certificate_no": "活动证编号",
    "closed_by": "停用人的账号",
    "channel": "在何处、以何种形式宣传",
    "claim_id": "认岗编号",
    "code": "代码",
    "comment": "评语",
    "comment_digest": "评语的摘要（以盐为密钥的 HMAC-SHA-256）",
    "comment_salt": "评语摘要所用的盐",
    "commendation_id": "评优编号",
    "committee_id": "机关党委",
    "community_id": "社区党组织",
    "concluded_by": "复核的办理人编号",
    "concluded_by_person": "作出结论的自然人标识",
    "conclusions": "座谈会的结论；不写姓名等个人信息",
    "confirmed_by": "确认删除的负责人编号",
    "confirmed_by_person": "确认删除的自然人标识",
    "consolidated_by": "汇总的办理人编号",
    "consolidated_by_person": "汇总的自然人标识",
    "consolidation_id": "季度汇总编号",
    "content": "服务内容",
    "corrects": "所更正的事件",
    "counted": "计算口径",
    "credit_code": "统一社会信用代码",
    "credit_code_exception": "校验码不符而仍登记的理由与依据",
    "day": "几日",
    "deadline": "报到期限，最后一秒仍为按期",
    "declined_by": "不予认定的办理人编号",
    "declined_by_person": "不予认定的自然人标识",
    "delegated_by": "委托的负责人编号",
    "delegated_by_person": "受何人委托办理：其自然人标识；空为并非受委托",
    "deeds": "事迹",
    "delegation_id": "委托编号",
    "denominator": "要求的分母",
    "difference_explained": "人数不符的原因",
    "differences": "与前一次相比有差异的数字",
    "dismissed_by": "不予采纳的负责人编号",
    "dismissed_by_person": "不予采纳的自然人标识",
    "disqualification_id": "取消资格编号",
    "distrusted_since": "自何时起该密钥所作的签名不再可信",
    "district": "所在区县",
    "due_on": "期限：最后一个按期办理的日子",
    "duty": "委托办理的事项",
    "document_no": "批准文件的文号",
    "due_at": "可以撤销的期限届满、开始执行的时间",
    "ended_on": "提前结束后的最后一日",
    "endorsed_by": "认定人编号",
    "endorsed_by_person": "认定人的自然人标识",
    "endorsement_id": "认定编号",
    "endorses": "所答复的事件：记录或者更正",
    "ends_at": "结束时间",
    "ends_on": "最后一日，含当日",
    "event_id": "事件编号",
    "erasure_id": "删除申请编号",
    "evidence": "依据",
    "exceptions": "应到未到者",
    "exemption_id": "免予报到编号",
    "figures": "所报的数字",
    "first": "首个编号",
    "from_community_id": "转出的社区党组织",
    "given_by": "发放登录凭据的人：系统管理员的账号，或部署本服务的人",
    "grades": "计入的凭据等级",
    "half": "半年，如 2026-H1",
    "held_by": "登记座谈会的办理人编号",
    "held_by_person": "登记座谈会的自然人标识",
    "held_on": "举行日期",
    "hours": "工作时段",
    "id_number": "身份证号码",
    "insurance": "保险",
    "invented": "由本服务拟定、并非出自文件的各处（JSON Pointer）",
    "issuer": "发文机关",
    "kind": "类别",
    "key_fingerprints": "所销毁的密钥：用途与指纹",
    "kinds": "计入的活动类型",
    "last": "末个编号",
    "leave_id": "请假编号",
    "ledgers": "计入的台账",
    "legal_basis": "删除的法定情形",
    "ledger": "台账：组织安排与自愿分开计",
    "listed_head_count": "名册所列人数",
    "measure": "计量：分钟数或者次数",
    "measured": "逐条规则的衡量结果",
    "member_id": "党员标识，不含个人信息",
    "member_no": "党员编号",
    "method": "签到方式",
    "month": "几月",
    "name": "姓名",
    "narrative": "文字说明；不写姓名等个人信息",
    "nominated_by": "推荐的负责人编号",
    "nominated_by_person": "推荐的自然人标识",
    "note": "说明",
    "number": "第几次",
    "numerator": "要求的分子",
    "officer_id": "办理人在组织内的编号，不含个人信息",
    "open_reason": "对单位的理由，不写姓名等个人信息；对党员的为空",
    "opened_by": "开设人：系统管理员的账号，或部署本服务的人",
    "organisation_id": "组织",
    "outcome": "结果",
    "pack": "规则包全文",
    "pack_id": "考核规则包编号",
    "parent_id": "上级组织；空为最上级",
    "participation_id": "参加记录编号",
    "passes": "合格的条件：须全部符合的规则",
    "per_step": "每个计分单位加几分",
    "performance": "表现",
    "period": "期间：月如 2026-03，季度如 2026-Q1，半年如 2026-H1",
    "person": "自然人标识：身份证号码的密钥散列，不可还原",
    "phone": "联系电话",
    "place": "地点",
    "points": "积分办法；空为不计分",
    "present": "到场的党员",
    "programme_id": "所属活动计划",
    "projects": "提供的服务项目",
    "proof": "持有密钥的证明：以该密钥所作的分离式 JWS",
    "proposed_by": "提出人编号",
    "proposed_by_person": "提出人的自然人标识",
    "public_key": "公钥：Ed25519 的 JWK 之 x，或 SM2 的 x 与 y 相连",
    "purpose": "用途",
    "quarter": "季度，如 2026-Q1",
    "rate": "单位比率",
    "readings_digest": "查阅记录的摘要（SHA-256，十六进制）",
    "reason": "理由",
    "proposal_id": "考核建议编号",
    "publicised_by": "宣传的负责人编号",
    "publicised_by_person": "宣传的自然人标识",
    "reason_code": "原因",
    "receipt_no": "报到回执编号",
    "recorded_by": "记录人编号，不得认定自己的记录",
    "recorded_by_person": "记录人的自然人标识",
    "registration_id": "报到编号",
    "reminded_on": "督办之日",
    "reminder_id": "督办编号",
    "repealed_by": "废止人编号",
    "repealed_by_person": "废止人的自然人标识",
    "replaces": "所替换的活动证",
    "report_id": "季报编号",
    "report_ids": "计入的季报",
    "reported_by": "上报的办理人编号",
    "reported_by_person": "上报的自然人标识",
    "requested_by": "申请删除的办理人编号",
    "requested_by_person": "申请删除的自然人标识",
    "residence": "居住地址",
    "review_id": "关注事项编号",
    "revoked_by": "撤销人编号",
    "revoked_by_person": "撤销人的自然人标识",
    "role": "职责",
    "risk_notes": "风险提示",
    "risky": "是否有风险",
    "refused_by": "不同意的负责人编号",
    "refused_by_person": "不同意的自然人标识",
    "role_model_id": "先进典型编号",
    "rule_id": "规则代码",
    "rules": "各条规则",
    "service": "服务情况",
    "service_intentions": "服务意向",
    "service_post_id": "服务岗",
    "signature": "签名：对内容的规范形式所作的分离式 JWS",
    "signing_key_id": "密钥的指纹（RFC 7638）",
    "shifts": "班次",
    "signed_at": "签到或者签退的时间",
    "signed_in_at": "签到时间",
    "signed_out_at": "签退时间；空为没有签退",
    "slots": "名额",
    "source": "各项规定的来源",
    "specialities": "特长",
    "starts_at": "开始时间",
    "starts_on": "第一日",
    "stated_head_count": "填报的党员总数",
    "step": "计分单位：超出要求的每多少加一次分",
    "subject": "考核对象",
    "summarised_by": "总结的办理人编号",
    "summarised_by_person": "总结的自然人标识",
    "summary_id": "半年总结编号",
    "symposium_id": "座谈会编号",
    "task": "督查事项",
    "text": "规则的文字表述",
    "title": "名称",
    "to_branch_id": "接收的机关党支部",
    "transfer_id": "组织关系转接编号",
    "transferred_from": "原来的报到，接收后终止",
    "valid_from": "生效日期",
    "valid_to": "自何日起不再有效；空为长期有效",
    "valid_until": "到期时间，不含该时刻",
    "value": "本档的星级或者积分",
    "voided_by_person": "作废人的自然人标识",
    "window_ends_at": "活动计划的结束时间，记时不超出",
    "window_starts_at": "活动计划的开始时间，记时不超出",
    "certificates": "查验的活动证（有效的）",
    "discrepancy_id": "差异编号",
    "entries": "查验的参加记录",
    "exempt": "免予报到的党员",
    "feedback_id": "季度反馈编号",
    "given_by_person": "反馈人的自然人标识",
    "inspection_id": "月查编号",
    "resolution": "处理结果",
    "resolved_by": "处理人编号",
    "resolved_by_person": "处理人的自然人标识",
    "talks": "与社区的联系",
    "unendorsed": "社区尚未答复的参加记录",
    "visit_id": "走访编号",
    "visited_by": "走访登记人编号",
    "visited_by_person": "走访登记人的自然人标识",
    "visited_on": "走访日期",
    "year": "年度",
}
"""Fields of events and of what stands inside them, by name."""

_FIELDS_OF = {
    **words_of_decisions.FIELDS_OF,
    ("Bands", "at_least"): "所得不少于多少为符合",
    ("RateAtLeast", "kind"): "规则类型",
    ("Bands", "kind"): "规则类型",
    ("Deadline", "kind"): "规则类型",
    ("Minimum", "kind"): "规则类型",
    ("Deadline", "day"): "没有设定期限的，为当年几日，当日为止",
    ("Deadline", "month"): "没有设定期限的，为当年几月",
    ("RulePack", "document_no"): "文号",
    ("RulePack", "name"): "规则包名称",
    ("RulePackRepealed", "document_no"): "所废止规则的文号",
    ("RulePackRepealed", "valid_to"): "自何日起不再有效",
    ("AccountActivated", "duty"): "账号的职责",
    ("AccountClosed", "duty"): "账号的职责",
    ("AccountOpened", "duty"): "账号的职责",
    ("AccountOpened", "member_id"): "党员本人的账号，其党员标识",
    ("AccountOpened", "officer_id"): "办理业务的账号，其办理人编号",
    ("CredentialsGiven", "duty"): "账号的职责",
    ("OrganisationRegistered", "name"): "组织名称",
    ("OrganisationRegistered", "kind"): "组织类别",
    ("ActivityPlanned", "kind"): "活动类型",
    ("ActivityPlanned", "branch_id"): "单位集中活动的机关党支部",
    ("ActivityPlanned", "service_post_id"): "所服务的服务岗",
    ("BranchTransferAccepted", "branch_id"): "转出的机关党支部",
    ("BranchTransferRefused", "branch_id"): "转出的机关党支部",
    ("BranchTransferRequested", "branch_id"): "转出的机关党支部",
    ("EndorsementRevoked", "corrects"): "所撤销的认定事件",
    ("ParticipationCorrected", "kind"): "活动类型",
    ("ParticipationRecorded", "kind"): "活动类型",
    ("ParticipationVoided", "corrects"): "所作废的事件",
    ("PostCategoryAdded", "category"): "增设的岗位类别",
    ("RegistrationDeadlineSet", "organisation_id"): "设定期限的组织，对其下各级有效",
    ("ServicePostOpened", "specialities"): "要求的特长",
    ("SupervisionReminded", "number"): "同一事项的第几次督办",
    ("SupervisionReminded", "organisation_id"): "应办理的组织",
    ("SigningKeyApproved", "replaces"): "所更换的密钥",
    ("SigningKeyApproved", "valid_from"): "启用时间：核准之时",
    ("CommendationConcluded", "concluded_by"): "作出结论的负责人编号",
    ("CommendationConcluded", "document_no"): "所依据规则的文号",
    ("CommendationConcluded", "organisation_id"): "单位；对党员的为空",
    ("CommendationConcluded", "title"): "称号",
    ("CommendationRevoked", "organisation_id"): "单位；对党员的为空",
    ("ConsequenceProposed", "as_of_position"): "考核所依据的日志位置",
    ("ConsequenceProposed", "document_no"): "所依据规则的文号",
    ("ConsequenceProposed", "organisation_id"): "单位；对党员的为空",
    ("ConsequenceProposed", "outcome"): "建议",
    ("ConsequenceProposed", "proposed_by"): "提出建议的办理人编号",
    ("DisqualificationConcluded", "concluded_by"): "作出结论的负责人编号",
    ("DisqualificationConcluded", "document_no"): "所依据规则的文号",
    ("DisqualificationConcluded", "organisation_id"): "单位；对党员的为空",
    ("DisqualificationRevoked", "organisation_id"): "单位；对党员的为空",
    ("Measured", "measured"): "计得的情况，不作四舍五入",
    ("Measured", "passed"): "是否符合",
    ("Measured", "required"): "要求",
    ("ProposalDismissed", "organisation_id"): "单位；对党员的为空",
    ("ServicePostOpened", "title"): "岗位名称",
    ("ActivityPlanned", "title"): "活动名称",
    ("UnitPaired", "organisation_id"): "结对的机关单位",
    ("WorkingHours", "starts_at"): "开始时刻，HH:MM",
    ("WorkingHours", "ends_at"): "结束时刻，HH:MM，可为 24:00",
    ("Difference", "after"): "现数",
    ("Difference", "before"): "原数",
    ("Difference", "figure"): "哪一项数字，写法同 JSON Pointer",
    ("QuarterReported", "committee_id"): "所报的上级组织",
    ("QuarterlyReportAmended", "committee_id"): "所报的上级组织",
    ("QuarterConsolidated", "as_of_position"): "查找所属党支部时截至的日志位置",
    ("QuarterConsolidated", "narrative"): "整理、分析的文字；不写姓名等个人信息",
    ("ReportFigures", "service"): "服务情况",
    ("ReportFigures", "standing"): "报到情况",
    ("ReportFigures", "supervision"): "督查情况",
    ("ServedFigures", "grade"): "凭据等级",
    ("ServedFigures", "outside_minutes"): "八小时外的分钟数",
    ("ServedFigures", "times"): "人次",
    ("ServiceFigures", "inside_minutes"): "八小时内的分钟数，不计入服务",
    ("ServiceFigures", "members"): "参加人数：同一名党员只计一次",
    ("ServiceFigures", "members_duty"): "组织安排台账的参加人数",
    ("ServiceFigures", "members_voluntary"): "自愿台账的参加人数",
    ("ServiceFigures", "pending_minutes"): "所在年度日历尚未公布、待定的分钟数",
    ("ServiceFigures", "served"): "按台账、凭据等级、类别分列的参加情况",
    ("ServiceFigures", "unendorsed"): "尚未答复是否认定的参加记录数",
    ("StandingFigures", "exempt"): "免予报到的人数，不计入已报到的人数",
    ("StandingFigures", "members"): "党员人数",
    ("StandingFigures", "registered"): "社区已接收报到的人数",
    ("SupervisionFigures", "discrepancies"): "月查发现的差异数",
    ("SupervisionFigures", "discrepancies_open"): "其中尚未处理的差异数",
    ("SupervisionFigures", "inspections"): "月查次数",
    ("SupervisionFigures", "talks"): "月查时与社区联系的次数",
    ("SupervisionFigures", "visits"): "走访社区的次数",
    ("SymposiumHeld", "present"): "参加的组织",
    ("InspectionConfirmed", "month"): "所查月份，如 2026-03",
    ("InspectionConfirmed", "confirmed_by"): "办理月查的人的编号",
    ("InspectionConfirmed", "confirmed_by_person"): "办理月查的自然人标识",
    ("InspectionConfirmed", "exempt"): "当月最后一日免予报到的党员",
    ("QuarterlyFeedbackGiven", "given_by"): "反馈的负责人编号",
    ("QuarterlyFeedbackGiven", "text"): "反馈内容",
    ("CommunityTalk", "held_on"): "联系日期",
    ("CommunityVisited", "branch_id"): "走访的机关党支部；空为走访的单位不是党支部",
    ("CommunityVisited", "organisation_id"): "走访的机关单位",
}
"""Where a name means something narrower, by the class that holds it."""


def field(owner: str, name: str) -> str:
    """The Chinese word of a field; raises `WordMissing`."""
    found = _FIELDS_OF.get((owner, name)) or FIELDS.get(name)
    if found is None:
        raise WordMissing(
            f"{owner} 的字段 {name} 没有中文名称：请写入 service/contracts/words.py 的 FIELDS。"
        )
    return found


def choice(value: str) -> str:
    """The Chinese word of a literal value; raises `WordMissing`."""
    if value not in _WRITTEN:
        raise WordMissing(
            f"取值 {value} 没有中文名称：请写入 service/contracts/words.py 的 CHOICES。"
        )
    return _WRITTEN[value]


def member(each: Enum) -> str:
    """The Chinese word of a value of a kind; empty where it has none."""
    return str(getattr(each, "word", ""))


def missing() -> list[str]:
    """A sentence for everything that has no Chinese word."""
    return [*_fields(), *_marks(), *_terms(), *_sentences()]


def _fields() -> Iterator[str]:
    parts = [part for capability in capabilities() for part in capability.parts]
    for owner in (*events(), *parts):
        for name in owner.model_fields:
            try:
                field(owner.__name__, name)
            except WordMissing as missed:
                yield str(missed)


def _marks() -> Iterator[str]:
    for event in events():
        for kind in tags_of(event).values():
            if kind not in TAGS:
                yield (
                    f"{event.__name__} 的标签 {kind} 没有中文名称："
                    "请写入 service/contracts/words.py 的 TAGS。"
                )
        for purpose in event.personal.values():
            if purpose not in PURPOSES:
                yield (
                    f"{event.__name__} 的密钥用途 {purpose} 没有中文名称："
                    "请写入 service/contracts/words.py 的 PURPOSES。"
                )


def _terms() -> Iterator[str]:
    for event in events():
        if not _CHINESE.search(event.term):
            yield f"事件 {event.__name__} 没有中文名称：说明文字须以中文名称和冒号开头。"
    for capability in capabilities():
        for kind in capability.kinds:
            for each in kind:
                if not _CHINESE.search(member(each)):
                    yield f"{kind.__name__} 的 {each.value} 没有中文名称：请写入它的 word。"


def _sentences() -> Iterator[str]:
    for entry in problems.registry():
        if not _CHINESE.search(entry["title"]) or not entry["title"].endswith("。"):
            yield f"拒绝 {entry['code']} 没有中文句子：说明文字第一行须为以句号结尾的中文句子。"
