"""先进典型: whom communities nominated, what the agency said, and what was publicised (R33)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from service.domain.event import SHANGHAI
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
    Stage,
)
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging, of_member
from service.projections.model import Answer, Sealed
from service.projections.view import Build, Folds, Seen, Table, View, reading


@dataclass(slots=True)
class _Member:
    member_id: str
    branch_id: str


@dataclass(slots=True)
class _RoleModel:
    role_model_id: str
    position: int
    member_id: str
    branch_id: str
    """Where the member belonged when it was nominated: what the community is told."""
    community_id: str
    deeds: str
    nominated_by: str
    nominated_at: datetime
    stage: str = Stage.NOMINATED.value
    answered_by: str | None = None
    answered_at: datetime | None = None
    refused_reason: str | None = None
    channel: str | None = None
    publicised_at: datetime | None = None


_MEMBERS = Table(
    "role_model_member",
    _Member,
    "member_id text PRIMARY KEY, branch_id text NOT NULL",
    fence=belonging("branch_id"),
)
_ROLE_MODELS = Table(
    "role_model",
    _RoleModel,
    """
    role_model_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    community_id text NOT NULL,
    deeds text NOT NULL,
    nominated_by text NOT NULL,
    nominated_at timestamptz NOT NULL,
    stage text NOT NULL,
    answered_by text,
    answered_at timestamptz,
    refused_reason text,
    channel text,
    publicised_at timestamptz
    """,
    ("(position)", "(member_id)"),
    f"{belonging('community_id')} OR {of_member('role_model_member', 'role_model')}",
)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    role_models: dict[str, _RoleModel]


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    ids = _folds.ids
    stepped = ids(batch, "role_model_id", RoleModelAgreed, RoleModelRefused, RoleModelPublicised)
    state = _State(
        await build.load(_MEMBERS, ids(batch, "member_id", BranchTransferAccepted)),
        await build.load(_ROLE_MODELS, stepped),
    )
    _folds.fold(state, batch)
    await build.save(_MEMBERS, state.members)
    await build.save(_ROLE_MODELS, state.role_models)


VIEW = View(
    "role_models",
    version=1,
    # The fence of one asks the other, which therefore has to be there.
    tables=(_MEMBERS, _ROLE_MODELS),
    apply=_apply,
    about_members=(_ROLE_MODELS, _MEMBERS),
    concerned=_folds.concern,
)


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = _Member(event.member_id, event.branch_id)


@_folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    # Whoever is not there was erased.
    if event.member_id in state.members:
        state.members[event.member_id].branch_id = event.to_branch_id


@_folds.on(RoleModelNominated)
def _(state: _State, event: RoleModelNominated, at: Recorded) -> None:
    state.role_models[event.role_model_id] = _RoleModel(
        event.role_model_id,
        at.position,
        event.member_id,
        event.branch_id,
        event.community_id,
        event.deeds,
        event.nominated_by,
        at.occurred_at,
    )


@_folds.on(RoleModelAgreed)
def _(state: _State, event: RoleModelAgreed, at: Recorded) -> None:
    if (model := state.role_models.get(event.role_model_id)) is not None:
        model.stage = Stage.AGREED.value
        model.answered_by, model.answered_at = event.agreed_by, at.occurred_at


@_folds.on(RoleModelRefused)
def _(state: _State, event: RoleModelRefused, at: Recorded) -> None:
    if (model := state.role_models.get(event.role_model_id)) is not None:
        model.stage, model.refused_reason = Stage.REFUSED.value, event.reason
        model.answered_by, model.answered_at = event.refused_by, at.occurred_at


@_folds.on(RoleModelPublicised)
def _(state: _State, event: RoleModelPublicised, at: Recorded) -> None:
    if (model := state.role_models.get(event.role_model_id)) is not None:
        model.stage, model.channel = Stage.PUBLICISED.value, event.channel
        model.publicised_at = at.occurred_at


class RoleModelRefusal(Answer):
    """单位不同意的情况。"""

    reason: Sealed
    """原因。"""
    refused_by: str
    """办理人。"""
    refused_at: datetime
    """时间。"""


class RoleModel(Answer):
    """一名先进典型的推荐、答复和宣传情况。"""

    role_model_id: str
    """先进典型标识。"""
    member_id: str
    """党员。"""
    branch_id: str
    """党员所在的机关党支部；供社区查看的，为推荐时所在的支部。"""
    community_id: str
    """推荐的社区党组织。"""
    stage: Stage
    """阶段：nominated 已推荐，agreed 单位已同意，refused 单位不同意，publicised 已宣传。"""
    stage_word: str
    """阶段名称。"""
    deeds: Sealed
    """事迹。"""
    nominated_by: str
    """推荐的办理人。"""
    nominated_at: datetime
    """推荐的时间。"""
    agreed_by: str | None
    """同意的办理人。"""
    agreed_at: datetime | None
    """同意的时间。"""
    refusal: RoleModelRefusal | None
    """不同意的情况。"""
    channel: str | None
    """在何处宣传。"""
    publicised_at: datetime | None
    """宣传的时间。"""


class RoleModelPage(Answer):
    """先进典型的一页。"""

    items: list[RoleModel]
    next_after: int | None
    as_of_position: int


async def role_models(
    seen: Seen,
    organisation_id: str,
    *,
    stage: Stage | None = None,
    after: int = 0,
    limit: int = 200,
) -> RoleModelPage:
    """Those of members of an organisation or nominated by it, and of everything under it."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT r.*, coalesce(m.branch_id, r.branch_id) AS belongs_to"
            " FROM views.role_model r LEFT JOIN views.role_model_member m USING (member_id)"
            " WHERE r.position > $2 AND ($3::text IS NULL OR r.stage = $3)"
            " AND EXISTS (SELECT FROM log.lines l WHERE l.above = $1"
            "  AND l.organisation_id IN (m.branch_id, r.community_id))"
            " ORDER BY r.position LIMIT $4",
            organisation_id,
            after,
            stage,
            limit + 1,
        )
    return RoleModelPage(
        items=[_shown(row) for row in rows[:limit]],
        next_after=rows[limit - 1]["position"] if len(rows) > limit else None,
        as_of_position=position,
    )


def _shown(row: asyncpg.Record) -> RoleModel:
    stage = Stage(row["stage"])
    refused = stage is Stage.REFUSED
    return RoleModel(
        role_model_id=row["role_model_id"],
        member_id=row["member_id"],
        branch_id=row["belongs_to"],
        community_id=row["community_id"],
        stage=stage,
        stage_word=stage.word,
        deeds=row["deeds"],
        nominated_by=row["nominated_by"],
        nominated_at=row["nominated_at"].astimezone(SHANGHAI),
        agreed_by=None if refused else row["answered_by"],
        agreed_at=None if refused else _local(row["answered_at"]),
        refusal=RoleModelRefusal(
            reason=row["refused_reason"],
            refused_by=row["answered_by"],
            refused_at=row["answered_at"].astimezone(SHANGHAI),
        )
        if refused
        else None,
        channel=row["channel"],
        publicised_at=_local(row["publicised_at"]),
    )


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)
