"""The Chinese words of everything the contracts name, and what has none."""

import re
from collections.abc import Iterator
from enum import Enum

from service.api import problems
from service.contracts.capability import capabilities, events, tags_of
from service.contracts.unpublishable import WordMissing

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
    "account": "账号",
    "activity": "活动",
    "branch": "机关党支部",
    "branch-transfer": "组织关系转接",
    "certificate": "活动证",
    "claim": "认岗",
    "community": "社区党组织",
    "credit-code": "统一社会信用代码",
    "delegation": "委托",
    "endorsement": "认定",
    "erasure": "删除个人信息",
    "exemption": "免予报到",
    "leave": "请假",
    "member": "党员",
    "member-no": "党员编号",
    "officer": "办理人（组织内的编号）",
    "organisation": "组织",
    "participation": "参加记录",
    "person": "自然人（身份证号码的密钥散列，不可还原）",
    "post": "服务岗",
    "post-category": "增设的岗位类别",
    "readings-from": "封存的首个查阅记录编号",
    "readings-to": "封存的末个查阅记录编号",
    "registration": "报到",
    "review": "关注事项",
    "signing-key": "签名密钥（公钥的指纹）",
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
}
"""Values that are written as they are, without a kind of their own."""

FIELDS = {
    "account_id": "账号编号",
    "activated_by": "启用人：安全管理员的账号",
    "activity_id": "活动",
    "ancestors": "各级上级组织，由近及远",
    "approved_by": "核准人编号，不得核准自己提出的密钥",
    "approved_by_person": "核准人的自然人标识",
    "area_code": "区划代码：区县以上6位，社区12位",
    "basis": "报到依据",
    "branch_id": "机关党支部",
    "campaign": "报到活动名称",
    "cancelled_by": "撤销删除申请的办理人编号",
    "capacity": "名额；空为不限",
    "category": "岗位类别：九类之一的代码，或者本地区增设类别的名称",
    "certificate_no": "活动证编号",
    "closed_by": "停用人的账号",
    "claim_id": "认岗编号",
    "comment": "评语",
    "comment_digest": "评语的摘要（以盐为密钥的 HMAC-SHA-256）",
    "comment_salt": "评语摘要所用的盐",
    "community_id": "社区党组织",
    "concluded_by": "复核的办理人编号",
    "confirmed_by": "确认删除的负责人编号",
    "confirmed_by_person": "确认删除的自然人标识",
    "content": "服务内容",
    "corrects": "所更正的事件",
    "credit_code": "统一社会信用代码",
    "credit_code_exception": "校验码不符而仍登记的理由与依据",
    "deadline": "报到期限，最后一秒仍为按期",
    "declined_by": "不予认定的办理人编号",
    "declined_by_person": "不予认定的自然人标识",
    "delegated_by": "委托的负责人编号",
    "delegated_by_person": "受何人委托办理：其自然人标识；空为并非受委托",
    "delegation_id": "委托编号",
    "difference_explained": "人数不符的原因",
    "distrusted_since": "自何时起该密钥所作的签名不再可信",
    "district": "所在区县",
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
    "first": "首个编号",
    "from_community_id": "转出的社区党组织",
    "given_by": "发放登录凭据的人：系统管理员的账号，或部署本服务的人",
    "hours": "工作时段",
    "id_number": "身份证号码",
    "insurance": "保险",
    "kind": "类别",
    "key_fingerprints": "所销毁的密钥：用途与指纹",
    "last": "末个编号",
    "leave_id": "请假编号",
    "legal_basis": "删除的法定情形",
    "ledger": "台账：组织安排与自愿分开计",
    "listed_head_count": "名册所列人数",
    "member_id": "党员标识，不含个人信息",
    "member_no": "党员编号",
    "method": "签到方式",
    "name": "姓名",
    "note": "说明",
    "officer_id": "办理人在组织内的编号，不含个人信息",
    "opened_by": "开设人：系统管理员的账号，或部署本服务的人",
    "organisation_id": "组织",
    "outcome": "结果",
    "parent_id": "上级组织；空为最上级",
    "participation_id": "参加记录编号",
    "performance": "表现",
    "person": "自然人标识：身份证号码的密钥散列，不可还原",
    "phone": "联系电话",
    "place": "地点",
    "present": "到场的党员",
    "programme_id": "所属活动计划",
    "projects": "提供的服务项目",
    "proof": "持有密钥的证明：以该密钥所作的分离式 JWS",
    "proposed_by": "提出人编号",
    "proposed_by_person": "提出人的自然人标识",
    "public_key": "公钥：Ed25519 的 JWK 之 x，或 SM2 的 x 与 y 相连",
    "readings_digest": "查阅记录的摘要（SHA-256，十六进制）",
    "reason": "理由",
    "reason_code": "原因",
    "receipt_no": "报到回执编号",
    "recorded_by": "记录人编号，不得认定自己的记录",
    "recorded_by_person": "记录人的自然人标识",
    "registration_id": "报到编号",
    "replaces": "所替换的活动证",
    "requested_by": "申请删除的办理人编号",
    "requested_by_person": "申请删除的自然人标识",
    "residence": "居住地址",
    "review_id": "关注事项编号",
    "revoked_by": "撤销人编号",
    "revoked_by_person": "撤销人的自然人标识",
    "role": "职责",
    "risk_notes": "风险提示",
    "risky": "是否有风险",
    "service_intentions": "服务意向",
    "service_post_id": "服务岗",
    "signature": "签名：对内容的规范形式所作的分离式 JWS",
    "signing_key_id": "密钥的指纹（RFC 7638）",
    "shifts": "班次",
    "signed_at": "签到或者签退的时间",
    "signed_in_at": "签到时间",
    "signed_out_at": "签退时间；空为没有签退",
    "slots": "名额",
    "specialities": "特长",
    "starts_at": "开始时间",
    "starts_on": "第一日",
    "stated_head_count": "填报的党员总数",
    "title": "名称",
    "to_branch_id": "接收的机关党支部",
    "transfer_id": "组织关系转接编号",
    "transferred_from": "原来的报到，接收后终止",
    "valid_from": "生效日期",
    "valid_until": "到期时间，不含该时刻",
    "voided_by_person": "作废人的自然人标识",
    "window_ends_at": "活动计划的结束时间，记时不超出",
    "window_starts_at": "活动计划的开始时间，记时不超出",
}
"""Fields of events and of what stands inside them, by name."""

_FIELDS_OF = {
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
    ("SigningKeyApproved", "replaces"): "所更换的密钥",
    ("SigningKeyApproved", "valid_from"): "启用时间：核准之时",
    ("ServicePostOpened", "title"): "岗位名称",
    ("ActivityPlanned", "title"): "活动名称",
    ("UnitPaired", "organisation_id"): "结对的机关单位",
    ("WorkingHours", "starts_at"): "开始时刻，HH:MM",
    ("WorkingHours", "ends_at"): "结束时刻，HH:MM，可为 24:00",
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
    if value not in CHOICES:
        raise WordMissing(
            f"取值 {value} 没有中文名称：请写入 service/contracts/words.py 的 CHOICES。"
        )
    return CHOICES[value]


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
