"""What the record of one member and year looks like, as api.md gives it."""

from datetime import datetime
from typing import Literal

from service.domain.activity import ActivityKind
from service.domain.endorsement import Performance
from service.domain.evidence import Grade
from service.domain.participation import Ledger
from service.projections.model import Answer, Sealed


class RecordRegistration(Answer):
    """报到情况。"""

    registration_id: str
    """报到标识。"""
    community_id: str
    """报到的社区党组织。"""
    state: Literal["waiting", "accepted", "declined", "deregistered"]
    """状态：waiting 待接收，accepted 已接收，declined 不予接收，deregistered 已注销。"""
    registered_at: datetime
    """报到时间；转移报到不改变首次报到的时间。"""
    accepted_at: datetime | None
    """社区接收的时间。"""
    receipt_no: str | None
    """报到回执编号。"""


class Minutes(Answer):
    """分钟数（整数）。"""

    participations: int
    """参加次数。"""
    outside_minutes: int
    """八小时外分钟数（计入）。"""
    inside_minutes: int
    """八小时内分钟数（只显示，不计入）。"""
    pending_minutes: int
    """放假安排尚未公布、暂不能认定的分钟数。"""


class Totals(Answer):
    """全年合计：只计已认定且未作废的记录。两个台账的合计不代表自愿服务时长，须看分台账数。"""

    outside_minutes: int
    """八小时外分钟数，两个台账合计。"""
    inside_minutes: int
    """八小时内分钟数，只显示，不计入。"""
    pending_minutes: int
    """放假安排尚未公布、暂不能认定的分钟数。"""
    unendorsed_minutes: int
    """未经认定的分钟数（不分八小时内外），不计入以上各项。"""
    by_grade: dict[Grade, Minutes]
    """按凭据等级：A 签到签退并经认定，B 经认定，C 本人陈述、社区确认，D 逾期补录。"""
    by_ledger: dict[Ledger, Minutes]
    """按台账：duty 组织安排，voluntary 自愿。"""
    by_category: dict[str, Minutes]
    """按类别。"""


class Month(Minutes):
    """一个月的分钟数：只计已认定且未作废的记录，跨月的按日拆分。"""

    month: str
    """月份，如 2026-03。"""


class EndorsementShown(Answer):
    """认定。"""

    endorsement_id: str
    """认定标识。"""
    event_id: str
    """认定事件。"""
    performance: Performance
    """表现：excellent 优秀，good 良好，fair 一般，poor 较差。"""
    comment: Sealed | None
    """评语。"""
    endorsed_at: datetime
    """认定时间。"""
    endorsed_by: str
    """认定人（负责人标识）。"""


class Stated(Answer):
    """对记录的一次更正、作废、不予认定或撤销认定。"""

    event_id: str
    """事件标识。"""
    occurred_at: datetime
    """发生时间。"""
    recorded_at: datetime
    """入库时间。"""


class CorrectionShown(Stated):
    """更正。"""

    corrects: str
    """被更正的事件。"""
    reason: Sealed
    """原因。"""


class DeclinedShown(Stated):
    """不予认定。"""

    reason_code: str
    """原因代码。"""
    note: Sealed | None
    """说明。"""
    declined_by: str
    """作出决定的负责人。"""


class RevocationShown(CorrectionShown):
    """撤销认定。"""

    endorsement_id: str
    """被撤销的认定。"""
    revoked_by: str
    """作出决定的负责人。"""


class Entry(Answer):
    """一次参加。分钟数只含本年度的部分；重叠的分钟只计一次，归先记录的一条。"""

    participation_id: str
    """参加记录标识。"""
    activity_id: str | None
    """所参加的活动。"""
    branch_id: str
    """记录时党员所在的机关党支部，按其作息时间划分。"""
    community_id: str
    """记录的社区党组织。"""
    state: Literal["endorsed", "unendorsed", "declined", "voided"]
    """状态：endorsed 已认定，unendorsed 待认定，declined 不予认定，voided 已作废。"""
    kind: ActivityKind
    """类型：community 社区组织，unit 单位集中，own 个人自发。"""
    category: str
    """类别。"""
    ledger: Ledger
    """台账：duty 组织安排，voluntary 自愿。"""
    starts_at: datetime
    """开始时间。"""
    ends_at: datetime
    """结束时间。"""
    signed_in_at: datetime | None
    """签到时间。"""
    signed_out_at: datetime | None
    """签退时间。"""
    content: Sealed
    """参加内容。"""
    credited_minutes: int
    """核定分钟数：限于活动计划时间和签到签退之间，重叠的只计一次。"""
    outside_minutes: int
    """其中八小时外。"""
    inside_minutes: int
    """其中八小时内。"""
    pending_minutes: int
    """其中放假安排尚未公布、暂不能认定的。"""
    calendar: str | None
    """认定所依据的放假安排及其版本；没有核定分钟的为空。"""
    default_timetable: bool
    """所在支部未公布作息时间，按默认作息（9:00-12:00，13:00-17:00）划分。"""
    grade: Grade | None
    """凭据等级；未经认定或已作废的为空。"""
    endorsement: EndorsementShown | None
    """现行认定；没有的为空。更正使此前的认定失效。"""
    declined: DeclinedShown | None
    """不予认定。"""
    disputed: bool
    """是否有未决异议。"""
    corrections: list[CorrectionShown]
    """历次更正。"""
    revocations: list[RevocationShown]
    """历次撤销认定。"""
    voided: CorrectionShown | None
    """作废及原因；已作废的不计分钟。"""
    overlaps: list[str]
    """与之时间重叠的其他参加记录。"""
    recorded_by: str
    """现行记录的记录人。"""
    recorded_at: datetime
    """首次入库的时间。"""


class OffDutyRecord(Answer):
    """一名党员一个年度的八小时外记录。"""

    member_id: str
    """党员标识。"""
    year: int
    """年度。"""
    registration: RecordRegistration | None
    """报到情况；从未报到的为空。"""
    totals: Totals
    """全年合计。"""
    months: list[Month]
    """十二个月。"""
    entries: list[Entry]
    """本年度的参加记录，按开始时间排列。"""
    as_of_position: int
    """数据截至的日志位置。"""
