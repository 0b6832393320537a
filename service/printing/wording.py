"""How days, moments, codes and organisations read in a document."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from service.domain.event import SERVICE, SHANGHAI
from service.projections.vetting_evidence_answer import OrganisationNamed
from service.projections.vetting_evidence_statement import Ended, Said, SignatureShown

NONE = "无"


def day(value: date) -> str:
    """2026年3月2日."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """2026-03-02 09:00, local time."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def span(starts: datetime, ends: datetime) -> str:
    """A day and from when to when, on two lines; two moments if it goes past midnight."""
    first, last = starts.astimezone(SHANGHAI), ends.astimezone(SHANGHAI)
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}\n{first:%H:%M}-{last:%H:%M}"
    return f"{first:%Y-%m-%d %H:%M}\n至 {last:%Y-%m-%d %H:%M}"


def lines(*parts: str | None) -> str:
    """Those parts that say something, each on a line of its own."""
    return "\n".join(part for part in parts if part)


def word(code: str, *kinds: type[StrEnum]) -> str:
    """The word of a code in the first of these kinds that has it; the code where none has."""
    for kind in kinds:
        for each in kind:
            if each.value == code:
                found: str = getattr(each, "word", code)
                return found
    return code


class Speakers:
    """Who said something, by the names of the organisations."""

    def __init__(self, organisations: Iterable[OrganisationNamed]) -> None:
        self._names = {each.organisation_id: each.name for each in organisations}

    def name(self, organisation_id: str) -> str:
        """An organisation by name; by its id if it has none here."""
        if organisation_id == SERVICE.organisation_id:
            return "系统"
        return self._names.get(organisation_id, organisation_id)

    def said(self, said: Said) -> str:
        """When, by which organisation and officer, and where it stands in the log."""
        who = self.name(said.organisation_id)
        if said.organisation_id != SERVICE.organisation_id:
            who = f"{who} {said.person}"
        return f"{moment(said.occurred_at)} {who}（日志第{said.position}号）"

    def also(self, doing: str, said: Said | None) -> str:
        """What was done besides, by whom; nothing if it was not."""
        return "" if said is None else f"{doing}：{self.said(said)}"

    def ended(self, doing: str, ended: Ended | None, *reasons: type[StrEnum]) -> str:
        """What was ended or answered, by whom and why; nothing if it was not."""
        if ended is None:
            return ""
        code = "" if ended.reason_code is None else word(ended.reason_code, *reasons)
        why = "；".join(each for each in (code, ended.reason, ended.note) if each)
        return f"{doing}：{self.said(ended)}" + (f"，{why}" if why else "")


def signed(signature: SignatureShown | None) -> str:
    """Whose key signed, in short."""
    if signature is None:
        return "未签名"
    holder = {"organisation": "自有", "service": "代管"}[signature.held_by]
    return f"密钥 {signature.signing_key_id[:12]}（{holder}）"
