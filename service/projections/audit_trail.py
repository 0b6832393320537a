"""审计: every event in plain Chinese words, for whoever it concerns.

What is kept is a thin index: which events there are, and which members and organisations each one
concerns, an organisation's superiors included, so that a question about one subject is one range of
one index. What happened is read from the event itself at the moment of reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from service.domain.account import AccountDuty
from service.domain.activity import ActivityPlanned
from service.domain.event import SHANGHAI, Event
from service.domain.membership import MemberEnrolled
from service.domain.organisation import OrganisationRegistered
from service.domain.service_post import ServicePostOpened
from service.eventstore.mapping import Recorded, decode
from service.projections.audit_answer import AuditActor, AuditItem, AuditPage, AuditSubject
from service.projections.audit_words import SEALED, local, sentence, subject_of, tags_of
from service.projections.fence import anybody
from service.projections.view import Build, Connection, Seen, Table, View, reading

_MEMBER = AccountDuty.MEMBER.value
"""The role of whoever acts for themselves."""


class _Event(NamedTuple):
    position: int
    type: str
    person: str
    recorded_at: datetime


class _Concerned(NamedTuple):
    subject: int
    """The subject's hash: small rows; a collision is found out when the event is read."""
    position: int


@dataclass(slots=True)
class _Name:
    subject: str
    name: str
    line: list[str]
    """An organisation itself, its parent, and so on up to the root; empty for other subjects."""


_EVENTS = Table(
    "audit_event",
    _Event,
    """
    position bigint PRIMARY KEY,
    type text NOT NULL,
    person text NOT NULL,
    recorded_at timestamptz NOT NULL
    """,
    ("(type, position)", "(person, position)"),
    anybody(),
)
_CONCERNED = Table(
    "audit_concerned",
    _Concerned,
    "subject bigint NOT NULL, position bigint NOT NULL",
    ("(subject, position)",),
    anybody(),
)
_NAMES = Table(
    "audit_name",
    _Name,
    "subject text PRIMARY KEY, name text NOT NULL, line text[] NOT NULL",
    fence=anybody(),
)


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    tags = [_tags(each) for each in batch]
    # Many events of a batch share their subjects: each is looked up and hashed once.
    subjects = {tag: subject for tag in set(chain(*tags)) if (subject := _subject(tag))}
    named = {name.subject: name for each in batch if (name := _named(each.event)) is not None}
    known = await build.load(_NAMES, set(subjects.values()) - named.keys()) | named
    hashes = {tag: _hashes(subject, known.get(subject)) for tag, subject in subjects.items()}
    # So do their tags, the few that name a subject.
    together: dict[tuple[str, ...], frozenset[int]] = {}
    concerned: list[tuple[int, int]] = []
    for each, of_event in zip(batch, tags, strict=True):
        naming = tuple([tag for tag in of_event if tag in hashes])
        found = together.get(naming)
        if found is None:
            found = together[naming] = frozenset().union(*[hashes[tag] for tag in naming])
        concerned += [(subject, each.position) for subject in found]
    await build.append(
        _EVENTS,
        [_Event(r.position, r.event.event_type, r.actor.person, r.recorded_at) for r in batch],
    )
    await build.append(_CONCERNED, concerned)
    await build.save(_NAMES, named)


__all__ = ["VIEW", "AuditFilter", "AuditPage", "fetch"]

VIEW = View("audit_trail", version=3, tables=(_EVENTS, _CONCERNED, _NAMES), apply=_apply)


def _tags(recorded: Recorded) -> list[str]:
    """The subjects of an event, and whoever acted.

    A member who objects comes in for their branch, which has nothing to do with it: it may be a
    vetting that they object to.
    """
    tags, actor = recorded.event.tags(), recorded.actor
    return tags if actor.role == _MEMBER else [*tags, f"organisation:{actor.organisation_id}"]


def _subject(tag: str) -> str | None:
    """The member or organisation that a tag names, if it is one."""
    kind, _, subject_id = tag.partition(":")
    prefix = _prefix(kind)
    return None if prefix is None else prefix + subject_id


@cache
def _prefix(kind: str) -> str | None:
    prefix = subject_of(kind, "")
    return prefix if prefix in {"member:", "organisation:"} else None


def _line(subject: str, name: _Name | None) -> list[str]:
    """The subject, and the superiors of an organisation."""
    if name is None or not name.line:
        return [subject]
    return [f"organisation:{each}" for each in name.line]


_NAMING = {OrganisationRegistered, MemberEnrolled, ServicePostOpened, ActivityPlanned}


def _named(event: Event) -> _Name | None:
    """What a new subject is known by: never a member's name, always the number."""
    if type(event) not in _NAMING:
        return None
    match event:
        case OrganisationRegistered(organisation_id=organisation_id):
            line = [organisation_id, *event.ancestors]
            return _Name(f"organisation:{organisation_id}", event.name, line)
        case MemberEnrolled():
            return _Name(f"member:{event.member_id}", f"党员{event.member_no}", [])
        case ServicePostOpened():
            return _Name(f"post:{event.service_post_id}", f"“{event.title}”", [])
        case ActivityPlanned():
            return _Name(f"activity:{event.activity_id}", f"“{event.title}”", [])
        case _:
            return None


def _hashes(subject: str, name: _Name | None) -> frozenset[int]:
    return frozenset(map(_hash, _line(subject, name)))


def _hash(subject: str) -> int:
    return int.from_bytes(blake2b(subject.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which events: all that is named must hold."""

    visible_to: str | None = None
    """Only what concerns this organisation or one under it."""
    organisation_id: str | None = None
    """The same, as what is asked for."""
    member_id: str | None = None
    actor: str | None = None
    """The person who acted."""
    types: Sequence[str] = ()
    """Of one of these types; of any where none is named."""
    since: datetime | None = None
    """Recorded at or after."""
    until: datetime | None = None
    """Recorded before."""

    def subjects(self) -> list[str]:
        """The subjects every event must concern."""
        organisations = dict.fromkeys([self.visible_to, self.organisation_id])
        found = [f"organisation:{each}" for each in organisations if each is not None]
        return found + ([f"member:{self.member_id}"] if self.member_id is not None else [])


async def fetch(seen: Seen, wanted: AuditFilter, *, after: int = 0, limit: int = 100) -> AuditPage:
    """A page of the events that pass the filter, in the order recorded."""
    async with reading(seen, VIEW) as (connection, as_of):
        positions = await _positions(connection, wanted, after, limit + 1)
        page = positions[:limit]
        stored = await connection.fetch(
            "SELECT position, data FROM log.events WHERE position = ANY ($1) ORDER BY position",
            page,
        )
        events = [decode(row["position"], row["data"]) for row in stored]
        names = await _names(connection, events)
    return AuditPage(
        items=[_item(each, names) for each in events if _concerns(each, wanted, names)],
        next_after=page[-1] if len(positions) > limit else None,
        as_of_position=as_of,
    )


async def _positions(
    connection: Connection, wanted: AuditFilter, after: int, limit: int
) -> list[int]:
    arguments: list[Any] = [after, limit]
    tables = ["views.audit_event e"]
    conditions = ["e.position > $1"]

    def hold(condition: str, value: object) -> None:
        if value is not None:
            arguments.append(value)
            conditions.append(condition.format(f"${len(arguments)}"))

    for number, subject in enumerate(wanted.subjects()):
        tables.append(f"views.audit_concerned c{number}")
        conditions.append(f"c{number}.position = e.position AND c{number}.position > $1")
        hold(f"c{number}.subject = {{}}", _hash(subject))
    hold("e.person = {}", wanted.actor)
    hold("e.type = ANY ({})", list(wanted.types) or None)
    hold("e.recorded_at >= {}", wanted.since)
    hold("e.recorded_at < {}", wanted.until)
    rows = await connection.fetch(
        # Only names and numbers of our own; every value is an argument.
        f"SELECT e.position FROM {', '.join(tables)} WHERE {' AND '.join(conditions)}"  # noqa: S608
        " ORDER BY e.position LIMIT $2",
        *arguments,
    )
    return [row["position"] for row in rows]


async def _names(connection: Connection, events: Sequence[Recorded]) -> dict[str, _Name]:
    subjects = {subject_of(*tag) for each in events for tag in tags_of(each.event)}
    subjects |= {f"organisation:{each.actor.organisation_id}" for each in events}
    rows = await connection.fetch(
        "SELECT subject, name, line FROM views.audit_name WHERE subject = ANY ($1)", list(subjects)
    )
    return {row["subject"]: _Name(*row) for row in rows}


def _concerns(recorded: Recorded, wanted: AuditFilter, names: dict[str, _Name]) -> bool:
    """Whether the event really concerns the subjects, not others with the same hash."""
    subjects = filter(None, map(_subject, _tags(recorded)))
    found = {each for subject in subjects for each in _line(subject, names.get(subject))}
    return found.issuperset(wanted.subjects())


def _item(recorded: Recorded, names: dict[str, _Name]) -> AuditItem:
    event, actor = recorded.event, recorded.actor
    words = {subject: name.name for subject, name in names.items()}
    organisation = words.get(f"organisation:{actor.organisation_id}", actor.organisation_id)
    corrects = getattr(event, "corrects", None)
    summary = (
        f"{local(recorded.occurred_at)}，{organisation}（经办人{actor.person}）"
        f"{sentence(event, words)}；记录于{local(recorded.recorded_at)}"
        + (f"；更正事件{corrects}。" if corrects else "。")
    )
    data = event.model_dump(mode="json", exclude={"event_id"}, exclude_none=True)
    # The hash of the ID number tells who is the same person; that is nobody's business here.
    hashes = {name for name in type(event).model_fields if f"_{name}".endswith("_person")}
    sealed = {*event.personal, *hashes}
    return AuditItem(
        position=recorded.position,
        event_id=event.event_id,
        type=event.event_type,
        term=event.term,
        occurred_at=recorded.occurred_at.astimezone(SHANGHAI),
        recorded_at=recorded.recorded_at.astimezone(SHANGHAI),
        actor=AuditActor(
            organisation_id=actor.organisation_id,
            organisation=organisation,
            person=actor.person,
            role=actor.role,
            client=actor.client,
        ),
        subjects=[
            AuditSubject(kind=kind, id=subject_id, name=words.get(subject_of(kind, subject_id)))
            for kind, subject_id in tags_of(event)
            if kind != "person"
        ],
        summary=summary,
        corrects=corrects,
        caused_by=recorded.caused_by,
        data={name: SEALED if name in sealed else fact for name, fact in data.items()},
    )
