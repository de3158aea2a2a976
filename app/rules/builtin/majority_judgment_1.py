"""Majority judgment: every option is graded, and the option with the highest lower median is elected."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from app.rules.case import Figure, Outcome, Reason
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed, parted
from app.rules.figures import plain
from app.rules.papers import Paper, points
from app.rules.weights import marks, whole

Weight = int | Fraction
Counts = Mapping[str, Sequence[Weight]]
"""Per option: the weight of each grade it was given, from the worst grade to the best."""
Unrated = Literal["worst", "excluded"]


class MajorityJudgmentOptions(ChoosingOptions):
    """How many grades there are, and what it means not to grade an option."""

    grades: Annotated[int, Field(ge=3, le=10, strict=True)] = 6
    unrated: Unrated = "worst"


class Change(NamedTuple):
    """Where grades change as they are read outward from the middle: to a worse one below it, a better one above it.

    ``depth``: how far below the middle (negative: above it) the change lies, as the part of all grades that stands
    between it and its mirror image. It is what is better on either side: a deep fall, a rise that comes soon.
    """

    side: int
    depth: Weight
    grade: int

    @property
    def place(self) -> tuple[Weight, int]:
        """When one comes to it: at equal distances the lower side is read first."""
        return max(self.depth, -self.depth), self.side


FALL: Final = -1
RISE: Final = 1
END: Final = Change(0, 0, 0)
Value = tuple[Change, ...]


def majority_value(counts: Sequence[Weight], *, in_votes: bool = False) -> Value:
    """What is compared between options, the greater the better; empty, and least, for an option without a grade.

    The majority-value of Balinski and Laraki takes the lower median of the grades, removes it, takes that of the rest,
    and so on; the greater sequence wins where two first differ. Those medians step outward from the middle, so the
    sequence is told by its first and by the changes that follow, whose number depends on the grades alone: a fall is
    worse than no change, a rise better. Repeating each grade equally often changes nothing in how two options compare;
    places are therefore parts of all grades, and options graded by different numbers of people compare as if the
    grades of each were repeated until the numbers agree. ``in_votes``: the numbers agree already, and places can be
    told as they are.
    """
    given = [grade for grade, weight in enumerate(counts) if weight]
    if not given:
        return ()
    total, median, changes = sum(counts), given[0], list[Change]()
    up_to: Weight = 0
    for worse, better in pairwise(given):
        up_to += counts[worse]
        depth: Weight = total - 2 * up_to
        if not in_votes:
            depth = Fraction(depth, total)
        if depth > 0:
            median = better
            changes.append(Change(FALL, depth, worse))
        else:
            changes.append(Change(RISE, depth, better))
    return (Change(0, 0, median), *sorted(changes, key=lambda change: change.place), END)


class MajorityJudgment(ChoosingRule):
    """Every option is graded; the highest lower median is elected, and among equal medians the highest majority-value.

    M. Balinski and R. Laraki, "A theory of measuring, electing, and ranking", PNAS 104, 2007, and "Majority Judgment",
    2010. Options of equal majority-value are tied. Voters who all grade one option above another can make the other win
    by taking part: participation is not among the properties of this rule.
    """

    slug = "majority_judgment"
    version = 1
    Options = MajorityJudgmentOptions
    claims = frozenset({"anonymous", "neutral"})

    options: MajorityJudgmentOptions

    def paper(self, _on_ballot: tuple[str, ...]) -> Paper:
        """A grade for each option that one likes to judge, at least for one."""
        return Paper("rating", low=0, high=self.options.grades - 1)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The outcome of these grades."""
        counts = grade_counts(ballots.weights, on_ballot, self.options.grades, self.options.unrated)
        return from_counts(counts, order, by_heads=ballots.by_heads)


def grade_counts(ballots: Mapping[str, Fraction], on_ballot: Sequence[str], grades: int, unrated: Unrated) -> Counts:
    """How often each option was given each grade, by weight."""
    scale, weights = whole(ballots)
    counts = {one: [0] * grades for one in sorted(on_ballot)}
    for mark, number in marks(weights).items():
        [(option, grade)] = points(mark).items()
        counts[option][grade] = number
    if unrated == "worst":
        everybody = sum(weights.values())
        for given in counts.values():
            given[0] += everybody - sum(given)
    return {one: [plain(Fraction(number, scale)) for number in given] for one, given in counts.items()}


def from_counts(counts: Counts, order: Sequence[str] = (), *, by_heads: bool = True) -> Outcome:
    """The outcome of grades that are already counted. ``order``: that of a tie-break, empty before there is any;
    ``by_heads``: whether everybody counts for one."""
    values = {one: majority_value(counts[one]) for one in sorted(counts)}
    places = {one: 1 + sum(other > value for other in values.values()) for one, value in values.items()}
    best = [one for one in values if places[one] == 1]
    winner = best[0] if len(best) == 1 else next(iter(parted(best, order)), None)
    best_first = {one: counts[one] for one in sorted(values, key=lambda one: places[one])}
    reasons = (_decided(winner, best, counts, values), *(_nearest(best_first, winner) if by_heads else ()))
    grades = range(len(next(iter(counts.values()))))
    tables: dict[str, tuple[tuple[Figure, ...], ...]] = {
        "ranking": (("rank", "option"), *sorted((place, one) for one, place in places.items())),
        "grades": (
            ("option", *(f"grade_{grade}" for grade in grades), "median"),
            *((one, *counts[one], value[0].grade if value else "ungraded") for one, value in values.items()),
        ),
    }
    return Outcome("tied" if winner is None else "elected", () if winner is None else (winner,), reasons, tables)


def _decided(winner: str | None, best: Sequence[str], counts: Counts, values: Mapping[str, Value]) -> Reason:
    """What decided: the median, or where the winner's grades part from those of the next."""
    if winner is None or len(best) > 1:
        tie: dict[str, Figure] = {"options": listed(best), "median": values[best[0]][0].grade}
        return Reason("tie", tie) if winner is None else Reason("settled_by_tie_break", {"option": winner, **tie})
    next_best = max(value for one, value in values.items() if one != winner)
    rivals = [one for one, value in values.items() if value == next_best]
    median = values[winner][0].grade
    facts: dict[str, Figure] = {"option": winner, "median": median, "rivals": listed(rivals)}
    if not next_best:
        return Reason("elected_alone_graded", facts)
    if median != next_best[0].grade:
        return Reason("elected_by_median", {**facts, "other": next_best[0].grade})
    (part, side), grade, other = parting(values[winner], next_best)
    facts |= {"grade": grade, "other": other}
    total = sum(counts[winner])
    is_whole = all(number.denominator == 1 for given in counts.values() for number in given)
    if is_whole and all(sum(counts[one]) == total for one in rivals):
        return Reason("elected_by_value", {**facts, "place": int(part * total) + (1 if side == FALL else 2)})
    return Reason("elected_by_share", {**facts, "share": part})


def parting(one: Value, other: Value) -> tuple[tuple[Weight, int], int, int]:
    """Where two values of the same median part, as a :attr:`Change.place`, and the grade of each there."""
    first = next(place for place, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs)
    pair = (one[first], other[first])
    where = min(change.place for change in pair if change != END)
    alike = (change.grade for change in reversed(one[1:first]) if change.side == where[1])
    until = next(alike, one[0].grade)
    mine, theirs = (change.grade if change != END and change.place == where else until for change in pair)
    return where, mine, theirs


def _nearest(counts: Counts, winner: str | None) -> Iterator[Reason]:
    """The fewest more votes that would have elected another option: the best grade for it, the worst for all others.
    ``counts`` begin with the best option, so that most attempts fail at the first comparison.

    Such votes only ever help it, so the fewest are found by halving; with one more than were cast its median is the
    best grade and that of all others the worst.
    """
    totals = [int(sum(given)) for given in counts.values()]
    least, nearest = 1 + max(totals), list[str]()
    value = partial(majority_value, in_votes=min(totals) == max(totals))

    @cache
    def lowered(option: str, votes: int) -> Value:
        return value([counts[option][0] + votes, *counts[option][1:]])

    def elected(option: str, votes: int) -> bool:
        """Whether so many more votes for an option, and against all others, would elect it."""
        lifted = value([*counts[option][:-1], counts[option][-1] + votes])
        return all(lifted > lowered(one, votes) for one in counts if one != option)

    for one in (option for option in counts if option != winner):
        elects = partial(elected, one)
        if not elects(least):
            continue
        if least == 1 or not elects(least - 1):
            nearest.append(one)
        else:
            least, nearest = 1 + bisect_left(range(1, least - 1), True, key=elects), [one]
    yield Reason("would_have_elected", {"options": listed(sorted(nearest)), "votes": least})
