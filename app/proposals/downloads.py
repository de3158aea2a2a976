"""The ballots of a vote that has closed, as they are handed out: from the count that was made then, never a new one.

What is handed out tells voters apart by no more than the rule counts by. With who could vote beside it, the same rule
comes to the same outcome.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, get_args
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Table, Text, and_, bindparam, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.formats.apart import HEADS, Electors, by_ballot, told_apart
from app.formats.ballots import Author, Ballots, distinct
from app.foundation.errors import Conflict, NotFound
from app.journal.actor import Actor
from app.proposals import queries, slate, votes
from app.proposals.deliberation.cover import FEWEST_LISTED, may_be_told
from app.proposals.deliberation.outcomes import text_in_force
from app.proposals.exported import voter
from app.proposals.refusals import TooFewToList
from app.proposals.sight import closed_phases
from app.proposals.tables import Ballot, Elector, Participation, PhaseHeld, Process, Proposal
from app.rules.canonical import phase_from_json, profile_from_json
from app.rules.contract import Ended, Phase, Profile, Voter
from app.rules.papers import ALONE
from app.rules.profile import Cell

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]
_URNS: Final[tuple[Table, ...]] = (Ballot.__table__, Participation.__table__)  # type: ignore[attr-defined]
_AUTHOR: Final[Mapping[str, Author]] = {"author_alone": "alone", "perhaps_author_alone": "perhaps_alone"}
"""Why every count refuses a vote in which nobody but the author expressed a choice, and what a file says then."""


class VoteNotCounted(Conflict):
    """Ballots are handed out as they were counted, once their vote has closed."""

    code = "vote_not_counted"


class FormatCannotSay(Conflict):
    """A format has no place for what these ballots hold; the fault says for what."""

    code = "format_cannot_say"


@dataclass(frozen=True, slots=True)
class Counted:
    """A vote as it was counted, and what it takes to read it.

    Shapes: ``options`` and ``colleges`` are names by id; ``kinds`` who could vote, in groups of those who are alike:
    how many, and how many of them had left without having voted.
    """

    proposal: Proposal
    process: Process
    held: PhaseHeld
    options: Mapping[str, str]
    colleges: Mapping[str, str]
    kinds: Sequence[tuple[Voter, int, int]]

    @property
    def name(self) -> str:
        """What a file of it is called, without its ending."""
        letters = unicodedata.normalize("NFKD", self.proposal.title).encode("ascii", "ignore").decode().lower()
        title = re.sub(r"[^a-z0-9]+", "-", letters)[:60].strip("-")
        return f"{title or 'vote'}-round-{self.held.round}"


async def counted(session: AsyncSession, actor: Actor, proposal_id: UUID, held_round: int | None) -> Counted:
    """The vote of that round, else the last one that was counted.

    Raises NotFound, VoteNotCounted (409).
    """
    proposal = await queries.visible_proposal(session, actor, proposal_id)
    process = await queries.process(session, actor.organisation_id, proposal_id)
    phases = await queries.phases(session, actor.organisation_id, proposal_id)
    held = _vote(phases, held_round)
    text = await text_in_force(session, proposal.organisation_id, proposal)
    options = [*text.options, *await votes.options_added(session, proposal.organisation_id, proposal_id)]
    colleges = await votes.college_names(session, proposal.organisation_id) if "college" in process.reads else {}
    kinds = await _kinds(session, process, held)
    return Counted(proposal, process, held, slate.names(options), colleges, kinds)


def ballots(vote: Counted) -> Ballots:
    """The ballots of the vote, ready for a file: pure, for it takes a while. Raises VoteNotCounted, TooFewToList
    (409)."""
    phase, profile = phase_from_json(vote.held.plan), profile_from_json(vote.held.profile)
    if phase.sight == "secret":
        _require_told(phase, profile)
    cells = _reduced(profile, vote.process.reads)
    floor = phase.floors[0]
    options = [one for one in floor.among if one not in ALONE]
    names = {one: vote.options.get(one, one) for one in options}
    electors = _electors(vote.kinds, vote.process.reads)
    ids = {college for _, college, _ in cells} | {one.like.college for one in electors}
    colleges = {one: vote.colleges[one] for one in sorted(ids & vote.colleges.keys())}
    return Ballots(
        distinct(names),
        by_ballot(cells),
        "one" if floor.paper is None else floor.paper.kind,
        _seats(vote.process.options),
        " ".join(vote.proposal.title.split()),
        cells if told_apart(cells) else None,
        distinct(colleges),
        electors,
        _author(vote.process),
    )


def _vote(phases: Sequence[PhaseHeld], held_round: int | None) -> PhaseHeld:
    """The last phase of the vote, which holds its whole count. Raises NotFound, VoteNotCounted."""
    closed, there = closed_phases(phases), [one for one in phases if one.plan.get("yields") == "profile"]
    rounds = {one.round: one for one in there}  # the last phase of each
    told = [
        one
        for one in rounds.values()
        if one.profile is not None
        and one.ended in get_args(Ended)
        and (one.plan.get("sight") == "secret" or one.number not in closed)
    ]
    if not rounds or held_round not in {None, *rounds}:
        raise NotFound
    wanted = [one for one in told if held_round in (None, one.round)]
    if not wanted:
        raise VoteNotCounted
    return wanted[-1]


def _require_told(phase: Phase, profile: Profile) -> None:
    if not profile.rows:
        raise VoteNotCounted
    if not may_be_told(phase, profile.heads):
        raise TooFewToList(ballots=profile.heads, needed=FEWEST_LISTED)


def _reduced(profile: Profile, reads: Collection[str]) -> dict[Cell, Mapping[str, Fraction]]:
    """The count by no more than the rule counts by."""
    cells: dict[Cell, Mapping[str, Fraction]] = {}
    for (ballot, college, unit), measures in profile.rows.items():
        cell = (ballot, college if "college" in reads else "", unit if "unit" in reads else "")
        told = measures if "weights" in reads else {HEADS: measures[HEADS]}
        before = cells.get(cell)
        cells[cell] = told if before is None else _together(before, told)
    return cells


def _together(before: Mapping[str, Fraction], more: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    nothing = Fraction(0)
    return {name: before.get(name, nothing) + more.get(name, nothing) for name in sorted({*before, *more})}


def _electors(kinds: Sequence[tuple[Voter, int, int]], reads: Collection[str]) -> tuple[Electors, ...]:
    """Who could vote, told apart by no more than the rule counts by, and by who was recused."""
    numbers, gone = Counter[Any](), Counter[Any]()
    for like, number, left in kinds:
        measures = {name: figure for name, figure in like.measures.items() if name != HEADS and "weights" in reads}
        college, unit = (getattr(like, name) if name in reads else "" for name in ("college", "unit"))
        kind = (college, unit, like.recused or "", tuple(sorted(measures.items())))
        numbers[kind] += number
        gone[kind] += left
    return tuple(
        Electors(Voter("", college, unit, dict(weights), recused or None), numbers[kind], gone[kind])
        for kind in sorted(numbers)
        for college, unit, recused, weights in [kind]
    )


def _author(process: Process) -> Author | None:
    reasons = (process.outcome or {}).get("reasons", ())
    return next((_AUTHOR[one["code"]] for one in reasons if one["code"] in _AUTHOR), None)


def _seats(options: Mapping[str, Any]) -> int | None:
    """For how many seats the vote was, as its rule or a rule within says."""
    return next(_seats_within(options), None)


def _seats_within(options: Mapping[str, Any]) -> Iterator[int]:
    if isinstance(options.get("seats"), int):
        yield options["seats"]
    for value in options.values():
        if isinstance(value, Mapping):
            yield from _seats_within(value)


async def _kinds(session: AsyncSession, process: Process, held: PhaseHeld) -> list[tuple[Voter, int, int]]:
    """Who could vote, in groups of those who are alike: two statements, however many they are, and one where nothing
    tells anybody apart."""
    place = {
        "organisation": process.organisation_id,
        "process": process.id,
        "held_round": held.round,
        "number": held.number,
    }
    gone = {_key(row): row.alike for row in await session.execute(_GONE, place)}
    if process.alike is not None:
        return [(voter({**process.alike, "voter": ""}), process.electors, sum(gone.values()))]
    rows = (await session.execute(_KINDS, place)).all()
    return [(_like(row), row.alike, gone.get(_key(row), 0)) for row in rows]


def _key(row: Any) -> tuple[str, str, str | None, str]:
    return row.college, row.unit, row.recused, row.measured


def _like(row: Any) -> Voter:
    named = {name: getattr(row, name) for name in ("college", "unit", "recused")}
    return voter({**named, "voter": "", "measures": from_json(row.measured)})


_MINE = and_(_ELECTOR.c.organisation_id == bindparam("organisation"), _ELECTOR.c.process_id == bindparam("process"))
_KIND = (
    *(_ELECTOR.c[name] for name in ("college", "unit", "recused")),
    cast(_ELECTOR.c.measures, Text).label("measured"),
)
_KINDS = select(*_KIND, func.count().label("alike")).where(_MINE).group_by(*_KIND)
_GONE = _KINDS.where(
    _ELECTOR.c.left_in_phase.is_not(None),
    _ELECTOR.c.left_in_phase <= bindparam("number"),
    *(
        ~exists().where(
            urn.c.organisation_id == _ELECTOR.c.organisation_id,
            urn.c.process_id == _ELECTOR.c.process_id,
            urn.c.round == bindparam("held_round"),
            urn.c.voter == _ELECTOR.c.voter,
        )
        for urn in _URNS
    ),
)
