"""What a notice is, and how events are told.

How to add a kind of notice:

1. `NoticeKind`: its code, and the Chinese word that a person reads.
2. In one of the modules `notices_of_…`, a function under
   ``@TELLINGS.on(TheEvent)``. It gives one `Told` for each who is told: ``organisation_id`` for an
   organisation, ``member_id`` alone for a member, both for an organisation that is told something
   about a member. A text names no member.
3. In it, why: the rule, the document number where there is one, and the events that caused it.
   What is sealed in the event goes into ``reason`` as it is; nothing here opens it.
4. Raise the version of `notices.VIEW`, so that what happened before is told as well.
5. Its story in tests/projections/test_notices.py: who is told, and who is not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from service.domain.consequence import Measured
from service.domain.event import Event
from service.eventstore.mapping import Recorded

E = TypeVar("E", bound=Event)


class NoticeKind(StrEnum):
    """通知类别: what a notice is about; ``word`` is what a person reads."""

    REMINDER = "reminder"
    AMENDMENT = "amendment"
    DISCREPANCY = "discrepancy"
    FEEDBACK = "feedback"
    PROPOSAL = "proposal"
    COMMENDATION = "commendation"
    DISQUALIFICATION = "disqualification"
    ROLE_MODEL = "role_model"
    CONSULTATION = "consultation"
    OBJECTION = "objection"
    DECISION = "decision"

    @property
    def word(self) -> str:
        return {
            "reminder": "督办",
            "amendment": "季报更正",
            "discrepancy": "月查差异",
            "feedback": "季度反馈",
            "proposal": "考核建议",
            "commendation": "评优",
            "disqualification": "取消资格",
            "role_model": "先进典型",
            "consultation": "征求意见",
            "objection": "异议",
            "decision": "评议考核",
        }[self.value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One notice to one organisation or member."""

    kind: NoticeKind
    text: str
    rule: str
    organisation_id: str | None = None
    """Who is told; None where it is the member."""
    member_id: str | None = None
    """Whom it is about, and who is told where no organisation is."""
    document_no: str | None = None
    causes: Sequence[str] = ()
    """Ids of the events that led to it."""
    measured: Sequence[Measured] = ()
    """What a rule pack found, where one did."""
    reason: str | None = None
    """Sealed as in the event where it speaks of a member."""


Names = Mapping[str, str]
"""Names of organisations by id."""
Telling = Callable[[Any, Names, Recorded], Iterable[Told]]


class Tellings:
    """Who is told by each type of event."""

    def __init__(self) -> None:
        self.of: dict[type[Event], Telling] = {}

    def on(
        self, event: type[E]
    ) -> Callable[[Callable[[E, Names, Recorded], Iterable[Told]]], None]:
        """Registers the decorated function for this type of event."""

        def register(function: Callable[[E, Names, Recorded], Iterable[Told]]) -> None:
            self.of[event] = function

        return register
