"""What every capability is made of: events, rejections, commands.

This is the only module of the domain that knows the eventsourcing library. A capability module
reads top to bottom: its events (what happened), its rejections (what is refused) and its commands
(what decides). Everything here is pure: no I/O, no clock, no database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from functools import cache
from inspect import signature
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin
from uuid import uuid4

from eventsourcing.dcb.domain import (
    Decision,
    MetaSupportsEventDecorator,
    Perspective,
    Selector,
    Slice,
    Tagged,
    decorated_funcs,
)
from eventsourcing.domain import event as on
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "EVENTS",
    "SERVICE",
    "SHANGHAI",
    "Actor",
    "Command",
    "Event",
    "Fact",
    "Instant",
    "Personal",
    "Rejection",
    "Selector",
    "StandingFact",
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
    by_service: ClassVar[bool] = False
    """Whether the service says it by itself: its envelope names nobody else, whoever the command
    was by. What is masked is told that way (R27)."""
    term: ClassVar[str]
    """The Chinese term: what stands before the colon of the docstring."""
    _tagged: ClassVar[tuple[tuple[str, str], ...]]
    personal: ClassVar[dict[str, str]]
    """Purpose of the key by name of the personal field."""

    event_id: str = Field(default_factory=lambda: str(uuid4()))

    def __init_subclass__(cls, *, type: str, **kwargs: Any) -> None:  # noqa: A002 - reads well
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
    def upcast(cls, data: dict[str, Any], version: int) -> dict[str, Any]:  # noqa: ARG003 - overridden
        """The fields of a stored event of an older ``version``, brought to this one."""
        return data

    def tags(self) -> list[str]:
        """The subjects of this event, from its fields and nowhere else."""
        values, found = self.__dict__, dict[str, None]()
        for name, kind in self._tagged:
            value = values[name]
            if type(value) is tuple:
                found.update({f"{kind}:{each}": None for each in value if each is not None})
            elif value is not None:
                found[f"{kind}:{value}"] = None
        return list(found)

    @classmethod
    def tags_of(cls, stored: Mapping[str, Any]) -> list[str]:
        """The tags an event was stored with, from its fields as JSON has them."""
        found = dict[str, None]()
        for name, kind in cls._tagged:
            value = stored.get(name)
            if type(value) is list:
                found.update({f"{kind}:{each}": None for each in value if each is not None})
            elif value is not None:
                found[f"{kind}:{value}"] = None
        return list(found)

    def mutate(self, obj: Any) -> Any:
        """Lets a command, and the facts it holds, learn from this event.

        As in the library, but which handlers there are is looked up once and not for each event,
        and a handler's parameter that is no field of the event is a fault instead of being
        dropped.
        """
        values = self.__dict__
        for fact, learn, names in _lessons(type(obj), type(self)):
            learner = getattr(obj, fact) if fact else obj
            learn(learner, *[values[name] for name in names])
        return obj


Lesson = tuple[str, Callable[..., None], tuple[str, ...]]
"""The field of the fact that learns (none: the learner itself), the handler, and the event's
fields that it asks for."""

_LESSONS: dict[tuple[type, type], tuple[Lesson, ...]] = {}
_INPUTS: dict[type, tuple[str, ...]] = {}


def _lessons(learner: type, event: type[Event]) -> tuple[Lesson, ...]:
    """What a command and its facts, or a fact alone, learn from such an event."""
    try:
        return _LESSONS[learner, event]
    except KeyError:
        learners = [("", learner)]
        if issubclass(learner, Command):
            declared: Any = fields(learner)
            learners += [
                (each.name, each.default_factory)
                for each in declared
                if isinstance(each.default_factory, type) and issubclass(each.default_factory, Fact)
            ]
        found = tuple(
            (name, *handler)
            for name, each in learners
            if (handler := _handler(each, event)) is not None
        )
        return _LESSONS.setdefault((learner, event), found)


@cache
def standing_facts(command: type["Command"]) -> tuple[tuple[str, type["StandingFact"]], ...]:
    """The standing facts that a command may borrow, by field: nothing else in the command learns
    from the same events."""
    declared: Any = fields(command)
    return tuple(
        (each.name, each.default_factory)
        for each in declared
        if isinstance(each.default_factory, type)
        and issubclass(each.default_factory, StandingFact)
        and all(len(_lessons(command, EVENTS[name])) == 1 for name in each.default_factory.learns())
    )


def _handler(
    learner: type, event: type[Event]
) -> tuple[Callable[..., None], tuple[str, ...]] | None:
    known: dict[Any, Any] = dict(decorated_funcs)
    function = known.get((learner, event))
    if function is None:
        return None
    names = tuple(signature(function).parameters)[1:]
    if unknown := set(names) - set(event.model_fields):
        raise TypeError(f"{learner.__name__} asks {event.__name__} for {sorted(unknown)}")
    return function, names


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
    of the field at fault, ``detail`` says in Chinese what was found in this case. ``errors`` lists
    every (pointer, detail) when several are at fault, as in a roll-call or a batch.
    """

    status: ClassVar[int] = 409
    rule: ClassVar[str] = ""
    """The rule of the domain it keeps, e.g. ``R9``."""

    def __init__(
        self, detail: str = "", pointer: str = "", errors: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.errors = tuple(errors) or (((pointer, self.detail),) if pointer else ())
        self.pointer = pointer or (self.errors[0][0] if self.errors else "")

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


SERVICE = Actor("eighthours", "service", "system")
"""Who acts where the service says something by itself."""


class Fact(Perspective[Event], metaclass=MetaSupportsEventDecorator):
    """What several commands need to know and learn in the same way, e.g. who belongs to whom.

    A command holds one as ``field(init=False, default_factory=Memberships)``. Whatever the command
    folds its facts fold too, with ``@on`` handlers of their own. A fact keeps what it learns by
    subject, so that one serves a command about many subjects as well. The command puts
    ``Memberships.about(self.member_id)`` into its boundary: exactly the types the fact folds.
    """

    subject: ClassVar[str]
    """The kind of tag a fact is kept by, e.g. ``member``."""

    @classmethod
    def about(cls, subject_id: str) -> Selector:
        """Selects everything this fact needs to know about one subject."""
        return Selector(cls.projected_types, [f"{cls.subject}:{subject_id}"])

    def consistency_boundary(self) -> Sequence[Selector]:
        """Nothing by itself: the command says about whom it wants to know."""
        return ()


class StandingFact(Fact):
    """A fact that grows with everything that happened: all who signed up for an activity.

    To learn it anew for each decision would cost more with each decision. The log keeps it by
    subject, lets it learn only what is new, and lends it to commands.
    """

    @classmethod
    @cache
    def learns(cls) -> tuple[str, ...]:
        """The types of the events it learns from."""
        types: Any = cls.projected_types
        return tuple(each.event_type for each in types)

    def lent(self) -> Self:
        """One that knows the same at once, and from then on learns for itself: this one does not
        notice. It is given back before this one learns more."""
        raise NotImplementedError  # pragma: no cover - every standing fact has its own


@dataclass(kw_only=True)
class Command(Slice[Event]):
    """A decision: its inputs are fields, what it has learnt from events are ``init=False`` fields.

    ``consistency_boundary`` is a list of selectors, one per invariant; put the most selective tag
    of a selector first. It may use what was learnt so far: when it names more after folding, the
    decision is made again on the wider boundary. What several commands learn alike is a ``Fact``;
    the rest is folded by handlers of the command itself. Handlers are ``@on(Event) def _(self,
    field, …)``: the parameters must be fields of the event and have no defaults, because the
    library drops what does not match without a word. Handlers are not inherited.
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
        kind = type(self)
        if kind not in _INPUTS:
            _INPUTS[kind] = tuple(f.name for f in fields(kind) if f.init)
        return kind(**{name: getattr(self, name) for name in _INPUTS[kind]})
