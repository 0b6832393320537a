"""What a page of the audit trail looks like."""

from datetime import datetime
from typing import Any

from service.projections.model import Answer


class AuditActor(Answer):
    """经办：哪个组织、哪个人、以什么身份、通过哪个系统。"""

    organisation_id: str
    """组织标识。"""
    organisation: str
    """组织名称。"""
    person: str
    """经办人标识。"""
    role: str
    """身份。"""
    client: str
    """提交的系统。"""


class AuditSubject(Answer):
    """所涉对象。"""

    kind: str
    """对象类别。"""
    id: str
    """对象标识。"""
    name: str | None
    """名称或编号；没有的为空。"""


class AuditItem(Answer):
    """一个事件。"""

    position: int
    """日志位置。"""
    event_id: str
    """事件标识。"""
    type: str
    """事件类型。"""
    term: str
    """事件类型的中文名称。"""
    occurred_at: datetime
    """发生时间。"""
    recorded_at: datetime
    """入库时间。"""
    actor: AuditActor
    """经办。"""
    subjects: list[AuditSubject]
    """所涉对象。"""
    summary: str
    """一句话说明：何人、对何人、何时发生、何时入库、更正了什么。"""
    corrects: str | None
    """所更正的事件；没有的为空。"""
    caused_by: str | None
    """引起它的事件；没有的为空。"""
    data: dict[str, Any]
    """事件内容；个人信息一律显示为【已加密】。"""


class AuditPage(Answer):
    """审计记录的一页，按入库先后排列。"""

    items: list[AuditItem]
    """本页事件。"""
    next_after: int | None
    """下一页从这个位置之后开始；没有下一页的为空。"""
    as_of_position: int
    """数据截至的日志位置。"""
