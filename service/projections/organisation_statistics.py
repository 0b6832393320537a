"""组织统计: rates and counts of an organisation and everything under it (R3, R12, R19, R32).

An agency organisation is counted by the members its branches hold, a community or subdistrict by
the members registered with it. Fractions are exact: whoever compares multiplies, nobody rounds.
Any past position can be asked for, and any past day, which is what the record said at its end.
"""

from collections import OrderedDict
from datetime import date

from service.data.calendars import published_calendars
from service.domain.participation import Ledger
from service.domain.service_post import post_category_word
from service.domain.working_time import Calendars
from service.projections import rule_packs
from service.projections.statistics_answer import (
    CategoryCount,
    Count,
    OrganisationStatistics,
    ParticipationStatistics,
    PostStatistics,
    Rate,
    SortCount,
)
from service.projections.statistics_completion import Packs, completed, lines_of, packs_of
from service.projections.statistics_done import Done, done
from service.projections.statistics_folds import VIEW
from service.projections.statistics_reading import Past, Service, asking
from service.projections.view import Seen, Sight

__all__ = ["VIEW", "OrganisationStatistics", "Rate", "Statistics", "fetch"]

CRITERION = "本年度至少有一次经认定且未作废的参加记录"
"""What completion means until a rule pack says otherwise."""

# {column} is the side that is counted, the branch or the community.
_POSTS = """
SELECT p.category, count(DISTINCT p.service_post_id) AS posts,
    count(c.claim_id) AS times, count(DISTINCT c.member_id) AS members,
    grouping(p.category) = 1 AS in_all
FROM views.statistics_post p
{join} views.statistics_claim c ON c.service_post_id = p.service_post_id AND c.since <= $1
    AND c.until > $1
WHERE p.since <= $1 AND {owner}.{column} = ANY ($2)
GROUP BY GROUPING SETS ((p.category), ()) ORDER BY p.category
"""


_REMEMBERED = 1024
"""Answers that are remembered at the most, some ten kilobytes each."""


class Statistics:
    """Answers who asks; what was found is remembered for as long as nothing has changed."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._known: OrderedDict[tuple[object, ...], OrganisationStatistics] = OrderedDict()

    async def read(
        self,
        seen: Seen,
        organisation_id: str,
        on: date,
        year: int | None = None,
        position: int | None = None,
    ) -> OrganisationStatistics | None:
        """The organisation's statistics of a year, that of the day unless another is named.

        As of the position or, without one, as of the end of the day: of a day that is not over,
        as of now. None if there is no such organisation.
        """
        year = on.year if year is None else year
        async with asking(seen, organisation_id, on, position) as past:
            if past is None:
                return None
            sight = seen.organisation_id if isinstance(seen, Sight) else None
            packs_changed = await rule_packs.changed(past.connection, past.position)
            key = sight, organisation_id, on, year, past.changed, packs_changed
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known.model_copy(update={"as_of_position": past.position})
            found = await done(past, year, on, self._calendars)
            posts = await _posts(past)
            lines = await lines_of(past, (each["branch_id"] for each in found.members))
        packs = await packs_of(seen, lines, year, past.position)
        answer = _answer(past, on, found, posts, packs)
        self._known[key] = answer
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return answer


async def fetch(
    seen: Seen, organisation_id: str, on: date, year: int | None = None
) -> OrganisationStatistics | None:
    """As of the end of a day, by the calendars that come with us."""
    return await Statistics(published_calendars()).read(seen, organisation_id, on, year)


def _answer(
    past: Past, on: date, found: Done, posts: PostStatistics, packs: Packs
) -> OrganisationStatistics:
    counted = [each for each in found.members if not each["exempt"]]
    exempt = len(found.members) - len(counted)
    registered = sum(each["registered"] for each in counted)
    return OrganisationStatistics(
        organisation_id=past.organisation_id,
        name=past.name,
        kind=past.kind,
        on=on,
        year=found.year,
        members=len(found.members),
        registration=Rate.of(registered, len(counted), exempt),
        completion=Rate.of(completed(packs, found), len(counted), exempt),
        criterion=_criterion(packs),
        posts=posts,
        participations=_participations(found.service),
        as_of_position=past.position,
    )


def _criterion(packs: Packs) -> str:
    """What completion means here; one branch may be judged by other packs than the next."""
    named = {
        f"《{pack.name}》（{pack.document_no}）": None for each in packs.values() for pack in each
    }
    if not named:
        return CRITERION
    words = "达到" + "、".join(named)
    return words if all(packs.values()) else f"{words}；所在支部未采用规则的：{CRITERION}"


async def _posts(past: Past) -> PostStatistics:
    # A community counts all its posts, an agency those that its members have claimed.
    side = {"join": "LEFT JOIN", "owner": "p"} if past.receiving else {"join": "JOIN", "owner": "c"}
    rows = await past.connection.fetch(
        _POSTS.format(**side, column=past.column), past.position, past.organisations
    )
    in_all = next(row for row in rows if row["in_all"])
    return PostStatistics(
        posts=in_all["posts"],
        claims=in_all["times"],
        members=in_all["members"],
        by_category=[
            _category(row["category"], row["times"], row["members"])
            for row in rows
            if not row["in_all"]
        ],
    )


def _participations(found: Service) -> ParticipationStatistics:
    by_ledger: dict[Ledger, Count] = {
        "duty": Count(times=0, members=0),
        "voluntary": Count(times=0, members=0),
    }
    for ledger, count in found.by_ledger.items():
        by_ledger[ledger] = Count(times=count.times, members=count.members)
    return ParticipationStatistics(
        by_ledger=by_ledger,
        by_category=[
            _category(category, count.times, count.members)
            for category, count in found.by_category.items()
        ],
        by_sort=[
            SortCount(
                ledger=ledger,
                grade=grade,
                category=category,
                word=post_category_word(category),
                times=each.counted.times,
                members=each.counted.members,
                outside_minutes=each.outside_minutes,
                inside_minutes=each.inside_minutes,
                pending_minutes=each.pending_minutes,
            )
            for (ledger, grade, category), each in found.sorts.items()
        ],
    )


def _category(category: str, times: int, members: int) -> CategoryCount:
    return CategoryCount(
        category=category, word=post_category_word(category), times=times, members=members
    )
