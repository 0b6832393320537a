"""What every capability is made of: events, rejections, commands.

This is the only module of the domain that knows the eventsourcing library. A capability module
reads top to bottom: its events (what happened), its rejections (what is refused) and its commands
(what decides). Everything here is pure: no I/O, no clock, no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin
from uuid import uuid4

from eventsourcing.dcb.domain import Decision, Selector, Slice, Tagged
from eventsourcing.domain import event as on
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "EVENTS",
    "SHANGHAI",
    "Actor",
    "Command",
    "Event",
    "Instant",
    "Personal",
    "Rejection",
    "Selector",
    "Tag",
    "on",
]

# China has kept one offset without summer time since 1992, so a fixed zone is exact for every
# date this record can hold and needs no time zone database on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def _shanghai(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) and value.tzinfo else value


Instant = Annotated[AwareDatetime, BeforeValidator(_shanghai)]
"""A moment with its offset; kept in Asia/Shanghai so that equal moments have equal bytes."""


@dataclass(frozen=True)
class Tag:
    """Marks an event's field as a subject: its value becomes the tag ``<kind>:<value>``.

    Tags are what consistency boundaries and views find events by. They never hold personal data.
    """

    kind: str


@dataclass(frozen=True)
class Personal:
    """Marks an event's field as personal data of the member the event is about (R40).

    Such a field is sealed under the member's key for ``purpose`` before the event is stored, and
    stays sealed in decisions and views; only a reading opens it.
    """

    purpose: str = "identity"


MemberId = Annotated[str, Tag("member")]
BranchId = Annotated[str, Tag("branch")]
CommunityId = Annotated[str, Tag("community")]
OrganisationId = Annotated[str, Tag("organisation")]
CertificateNo = Annotated[str, Tag("certificate")]
RegistrationId = Annotated[str, Tag("registration")]
ServicePostId = Annotated[str, Tag("post")]
ClaimId = Annotated[str, Tag("claim")]
ActivityId = Annotated[str, Tag("activity")]
ParticipationId = Annotated[str, Tag("participation")]
EndorsementId = Annotated[str, Tag("endorsement")]
PersonalText = Annotated[str, Personal()]
"""Name, ID number, phone, address: sealed under the member's identity key."""
AssessmentText = Annotated[str, Personal("assessment")]
"""Free text that somebody wrote about a member: sealed under the member's assessment key."""

EVENTS: dict[str, type["Event"]] = {}
"""Every event class by its pinned type string."""


class Event(BaseModel, Decision):
    """Something that happened, immutable.

    A subclass pins its stored type string (``class MemberEnrolled(Event, type="MemberEnrolled")``)
    and, when its fields change, raises ``version`` and writes ``upcast`` beside itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: ClassVar[str]
    version: ClassVar[int] = 1
    term: ClassVar[str]
    """The Chinese term: what stands before the colon of the docstring."""
    _tagged: ClassVar[tuple[tuple[str, str], ...]]
    personal: ClassVar[dict[str, str]]
    """Purpose of the key by name of the personal field."""

    event_id: str = Field(default_factory=lambda: str(uuid4()))

    def __init_subclass__(cls, *, type: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if type in EVENTS:
            raise TypeError(f"event type {type} is taken by {EVENTS[type]}")
        EVENTS[type] = cls
        cls.event_type = type

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__()
        cls.term = (cls.__doc__ or "").split(":")[0].split("：")[0].strip()
        marks = {name: list(_marks(info)) for name, info in cls.model_fields.items()}
        cls._tagged = tuple(
            (name, mark.kind) for name, ms in marks.items() for mark in ms if isinstance(mark, Tag)
        )
        cls.personal = {
            name: mark.purpose
            for name, ms in marks.items()
            for mark in ms
            if isinstance(mark, Personal)
        }

    @classmethod
    def upcast(cls, data: dict[str, Any], version: int) -> dict[str, Any]:
        """The fields of a stored event of an older ``version``, brought to this one."""
        return data

    def tags(self) -> list[str]:
        """The subjects of this event, from its fields and nowhere else."""
        found: dict[str, None] = {}
        for name, kind in self._tagged:
            value = getattr(self, name)
            for each in value if isinstance(value, tuple) else (value,):
                if each is not None:
                    found[f"{kind}:{each}"] = None
        return list(found)


def _marks(info: Any) -> Iterator[object]:
    """The marks of a field, also inside ``X | None`` and ``tuple[X, ...]``."""
    yield from info.metadata
    pending = [info.annotation]
    while pending:
        annotation = pending.pop()
        if get_origin(annotation) is Annotated:
            yield from get_args(annotation)[1:]
        pending.extend(get_args(annotation))


class Rejection(Exception):
    """A command was refused because of a rule; nothing was recorded.

    The first line of a subclass's docstring is the Chinese sentence a person reads, ``code`` is
    stable and named after the class. ``status`` is 409 for a broken rule, 404 for something that
    does not exist or that the acting organisation may not know of. ``pointer`` is the JSON pointer
    of the field at fault, ``detail`` says in Chinese what was found in this case.
    """

    status: ClassVar[int] = 409
    rule: ClassVar[str] = ""
    """The rule of the domain it keeps, e.g. ``R9``."""

    def __init__(self, detail: str = "", pointer: str = "") -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.pointer = pointer

    @classmethod
    def title(cls) -> str:
        """The Chinese sentence: the first line of the docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    @classmethod
    def code(cls) -> str:
        """The stable code, in kebab case: ``already-registered``."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


@dataclass(frozen=True)
class Actor:
    """Who acts: an organisation, a person inside it and the role they act in.

    ``person`` is an opaque officer id, never a name. ``client`` is the system that sent it.
    """

    organisation_id: str
    person: str
    role: str = "responsible"
    client: str = ""

    @property
    def responsible(self) -> bool:
        """Whether the person acts as a responsible person (负责人) of the organisation."""
        return self.role == "responsible"


@dataclass(kw_only=True)
class Command(Slice[Event]):
    """A decision: its inputs are fields, what it has learnt from events are ``init=False`` fields.

    ``consistency_boundary`` is a list of selectors, one per invariant; put the most selective tag
    of a selector first. It may use what was learnt so far: when it names more after folding, the
    decision is made again on the wider boundary. Handlers are ``@on(Event) def _(self, field, …)``:
    the parameters must be fields of the event and have no defaults, because the library drops what
    does not match without a word. Handlers are not inherited.
    """

    by: Actor
    at: datetime
    """When it happened (``occurred_at``), with its offset."""

    def happened(self, event: Event) -> None:
        """Triggers ``event``; its tags come from its fields."""
        event.mutate(self)
        self.new_decisions.append(Tagged(tags=event.tags(), decision=event))

    def consistency_boundary(self) -> Sequence[Selector]:
        raise NotImplementedError  # pragma: no cover - every command has its own

    def execute(self) -> None:
        raise NotImplementedError  # pragma: no cover - every command has its own

    def fresh(self) -> Self:
        """The same command with nothing learnt: what a second attempt starts from."""
        inputs = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        return type(self)(**inputs)
