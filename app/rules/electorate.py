"""Who decides: frozen once, at admission, and kept in groups of those whom nothing but their id tells apart.

A hundred thousand electors are mostly alike; whatever counts them asks their groups, and only whoever looks for single
people takes them one by one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import Literal

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Voter:
    """One elector as frozen at admission. ``measures`` are exact weights by name (``heads`` is always 1)."""

    id: str
    college: str = ""
    unit: str = ""
    measures: Mapping[str, Fraction] = field(default_factory=dict)
    recused: Literal["vote", "vote_and_quorum"] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Electors who are alike: ``like`` is any of them without their id, ``members`` are the ids of all, in order."""

    like: Voter
    members: Sequence[str]


class Electorate:
    """Who decides: frozen once, at admission; afterwards it only shrinks. Equal when the same people decide."""

    __slots__ = ("groups",)

    groups: tuple[Group, ...]

    def __init__(self, voters: Iterable[Voter] = ()) -> None:
        alike = groupby(sorted(voters, key=_kind), key=_kind)
        found = [list(group) for _, group in alike]
        self.groups = tuple(Group(_like(group[0]), tuple(sorted(one.id for one in group))) for group in found)

    @classmethod
    def of(cls, groups: Iterable[Group]) -> "Electorate":
        """The electorate of these groups, no two of which are alike; the ids of each are in order."""
        made = cls()
        made.groups = tuple(sorted((group for group in groups if group.members), key=lambda group: _kind(group.like)))
        return made

    @property
    def voters(self) -> tuple[Voter, ...]:
        """Each of them, by id."""
        each = (_named(group.like, id) for group in self.groups for id in group.members)
        return tuple(sorted(each, key=lambda voter: voter.id))

    @property
    def ids(self) -> frozenset[str]:
        """Who they are."""
        return frozenset(id for group in self.groups for id in group.members)

    @property
    def voting(self) -> "Electorate":
        """Those who may vote: whoever is recused, whatever the effect on a quorum, does not."""
        return self.where(lambda like: like.recused is None)

    def where(self, holds: Callable[[Voter], bool]) -> "Electorate":
        """Those of whom it holds; asked of groups, so that it never hangs on an id."""
        return Electorate.of(group for group in self.groups if holds(group.like))

    def without(self, gone: Iterable[str]) -> "Electorate":
        """The electorate that remains when some have left."""
        absent = frozenset(gone)
        if not absent:
            return self
        return Electorate.of(
            Group(group.like, tuple(id for id in group.members if id not in absent)) for group in self.groups
        )

    def only(self, there: Iterable[str]) -> "Electorate":
        """Those of them who are among these."""
        present = frozenset(there)
        if not present:
            return Electorate()
        return Electorate.of(
            Group(group.like, tuple(id for id in group.members if id in present)) for group in self.groups
        )

    def total(self, measure: str = "heads") -> Fraction:
        """The sum of a measure over all; everybody has one head, and none of a measure that they were not given."""
        if measure == "heads":
            return Fraction(len(self))
        return sum((len(group.members) * group.like.measures.get(measure, NOTHING) for group in self.groups), NOTHING)

    def __contains__(self, id: object) -> bool:
        return any(id in group.members for group in self.groups)

    def __len__(self) -> int:
        return sum(len(group.members) for group in self.groups)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Electorate) and self.groups == other.groups

    def __hash__(self) -> int:
        return len(self)

    def __repr__(self) -> str:
        return f"Electorate({self.voters!r})"


def _kind(voter: Voter) -> tuple[str, str, str, tuple[tuple[str, Fraction], ...]]:
    """What tells a voter apart from others, but for the id."""
    return voter.college, voter.unit, voter.recused or "", tuple(sorted(voter.measures.items()))


def _like(voter: Voter) -> Voter:
    return _named(voter, "")


def _named(like: Voter, id: str) -> Voter:
    return Voter(id, like.college, like.unit, like.measures, like.recused)
