"""The Schulze method: options are ranked, and who is preferred to whom by the strongest path of majorities wins."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.builtin.schulze_1_paths import (
    Pairs,
    Weight,
    link,
    links,
    pairwise,
    ranking,
    strongest,
    turned,
)
from app.rules.case import Case, Figure, Outcome, Reason, Step, Verdict
from app.rules.cast import Cast
from app.rules.choosing import PairwiseRule, listed, parted
from app.rules.papers import Paper

Table = tuple[tuple[Figure, ...], ...]


class Schulze(PairwiseRule):
    """The option from which the path of majorities to each other option is stronger than the path back is elected.

    A majority is stronger the more votes it has (or the larger its margin, if the options say so), and a path is as
    strong as its weakest majority: M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and
    Condorcet-consistent single-winner election method", Social Choice and Welfare 36, 2011. A default option may be
    named, against which each other option must reach a quorum and a majority before anything is counted, as in the
    constitution of the Debian project, appendix A. When the default wins nobody is elected. Options between which paths
    are equally strong are tied. Where a rule around this one weighs votes, majorities are of what they weigh, and the
    quorum of an option counts people.
    """

    slug = "schulze"
    version = 1
    Options = SchulzeOptions
    claims = frozenset({"anonymous", "neutral"})

    options: SchulzeOptions

    def paper(self, _on_ballot: tuple[str, ...]) -> Paper:
        """A ranking of as many options as one likes, several of them on a rank if one likes."""
        return Paper("ranking")

    def ballot(self, case: Case, on_ballot: tuple[str, ...] = ()) -> Step:
        """The ballot, on which the default must stand."""
        default = self.options.default
        if default is not None and default not in on_ballot:
            return Outcome("invalid", reasons=(Reason("default_missing", {"default": default}),))
        return super().ballot(case, on_ballot)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The outcome of these rankings."""
        counted = partial(pairwise, on_ballot=on_ballot, unranked=self.options.unranked)
        people = None if ballots.by_heads else counted(ballots.people) if self.options.option_quorum else {}
        return from_matrix(counted(ballots.weights), self.options, order, ballots.electors, people)

    def choose_by_pairs(self, pairs: Pairs, order: Sequence[str], electors: int) -> Outcome:
        """The outcome of these preferences, the default among them."""
        return from_matrix(pairs, self.options, order, electors)


def from_matrix(
    pairs: Pairs,
    options: SchulzeOptions,
    order: Sequence[str] = (),
    electors: Weight = 0,
    people: Pairs | None = None,
) -> Outcome:
    """The outcome of preferences that are already counted.

    Shapes: ``pairs[a][b]`` is the weight that puts ``a`` above ``b``, for every two options, the default included;
    ``order`` that of a tie-break, empty before there is any; ``electors`` how many may vote; ``people`` the same for
    people, where votes weigh: the quorum of an option counts them.
    """
    count = _Count(pairs, options, options.needed(electors), people)
    best = [one for one, place in count.places.items() if place == 1]
    winner = best[0] if len(best) == 1 else next(iter(parted(best, order)), None)
    verdict: Verdict = "tied" if winner is None else "not_elected" if winner == options.default else "elected"
    return Outcome(
        verdict,
        (winner,) if winner is not None and verdict == "elected" else (),
        (_decided(count, best, winner), *count.dropped.values(), *_nearest(count, winner)),
        _tables(count),
    )


@dataclass(frozen=True)
class _Count:
    """A count: the preferences, the options of the rule, the quorum of an option, and whom people prefer where votes
    weigh."""

    pairs: Pairs
    options: SchulzeOptions
    needed: int
    people: Pairs | None

    @cached_property
    def dropped(self) -> Mapping[str, Reason]:
        """The options that do not stand, each with what it missed, by that and then by id."""
        default = self.options.default
        if default is None:
            return {}
        others = ((one, self.missed(default, one, 0)) for one in sorted(self.pairs) if one != default)
        return dict(sorted(((one, why) for one, why in others if why), key=lambda pair: pair[1].code))

    @cached_property
    def direct(self) -> Pairs:
        """How strongly the options that stand beat one another directly."""
        return links(self.pairs, [one for one in sorted(self.pairs) if one not in self.dropped], self.options.strength)

    @cached_property
    def inward(self) -> Pairs:
        """The same links, each read from where it leads."""
        return turned(self.direct)

    @cached_property
    def paths(self) -> Pairs:
        """The strength of the strongest path between any two options that stand."""
        return {one: strongest(row, self.direct) for one, row in self.direct.items()}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The rank of each option that stands."""
        return ranking(self.paths)

    def missed(self, default: str, option: str, more: int) -> Reason | None:
        """What an option with so many more votes above the default misses: its quorum, or its majority."""
        facts: dict[str, Figure] = {"option": option, "default": default}
        if self.needed:
            counted = self.pairs if self.people is None else self.people
            above, below = counted[option][default] + more, counted[default][option]
            if above < self.needed:
                return Reason("dropped_by_quorum", {**facts, "above": above, "below": below, "needed": self.needed})
        above, below = self.pairs[option][default] + more, self.pairs[default][option]
        times = self.options.default_majority
        if times is not None and above <= times * below:
            return Reason("dropped_by_majority", {**facts, "above": above, "below": below, "times": times})
        return None

    def elects(self, option: str, votes: int) -> bool:
        """Whether so many more votes that put an option above all others, these equal, would elect it.

        They change nothing between the others: only the links from it and to it are new.
        """
        default, strength = self.options.default, self.options.strength
        if default is not None and self.missed(default, option, votes):
            return False
        figures = {
            other: (self.pairs[option][other] + votes, self.pairs[other][option])
            for other in self.direct
            if other != option
        }
        out = {other: link(won, lost, strength) for other, (won, lost) in figures.items()}
        back = {other: link(lost, won, strength) for other, (won, lost) in figures.items()}
        there, here = strongest(out, self.direct), strongest(back, self.inward)
        return all(there[other] > here[other] for other in figures)


def _decided(count: _Count, best: Sequence[str], winner: str | None) -> Reason:
    """What decided: the closest comparison that the winner won, or the strength of the paths that are equal."""
    pairs, paths = count.pairs, count.paths
    if winner is None or len(best) > 1:
        equal = min(paths[one][other] for one in best for other in best if other != one)
        tie: dict[str, Figure] = {"options": listed(best), "path": equal}
        return Reason("tie", tie) if winner is None else Reason("settled_by_tie_break", {"option": winner, **tie})
    if winner == count.options.default:
        return Reason("default_stays", {"default": winner, "standing": len(paths[winner])})
    outright = all(pairs[winner][other] > pairs[other][winner] for other in paths[winner])
    seen = pairs if outright else paths
    figures = {other: (seen[winner][other], seen[other][winner]) for other in paths[winner]}
    closest = min(figures.values(), key=lambda two: (two[0] - two[1], two))
    rivals = listed([other for other in figures if figures[other] == closest])
    facts: dict[str, Figure] = {"option": winner, "rivals": rivals, "for": closest[0], "against": closest[1]}
    return Reason("elected_outright" if outright else "elected_by_paths", facts)


def _nearest(count: _Count, winner: str | None) -> Iterator[Reason]:
    """The fewest more votes that would have elected another option: votes that put it above all others, these equal.

    Such votes only ever help it, so the fewest are found by halving; with one more than the largest figure it beats
    all others. Only counted where everybody counts for one and every figure is whole: the votes would be, too.
    """
    figures = [figure for row in count.pairs.values() for figure in row.values()]
    if count.people is not None or any(figure.denominator != 1 for figure in figures):
        return
    least = max(count.needed, (count.options.default_majority or 1) * int(max(figures)) + 1)
    nearest = list[str]()
    for one in sorted(count.pairs.keys() - {winner, count.options.default}):
        elects = partial(count.elects, one)
        if not elects(least):
            continue
        if least == 1 or not elects(least - 1):
            nearest.append(one)
        else:
            least, nearest = 1 + bisect_left(range(1, least - 1), True, key=elects), [one]
    if nearest:
        yield Reason("would_have_elected", {"options": listed(nearest), "votes": least})


def _tables(count: _Count) -> dict[str, Table]:
    """The order, the preferences and the paths; and, where there is a default, who stands against it."""
    pairs, default = count.pairs, count.options.default
    ranked = sorted((place, option) for option, place in count.places.items())
    tables: dict[str, Table] = {
        "ranking": (("rank", "option"), *ranked),
        "pairwise": _square(pairs),
        "paths": _square(count.paths),
    }
    if default is not None:
        rows = (
            (one, pairs[one][default], pairs[default][one], "dropped" if one in count.dropped else "kept")
            for one in sorted(pairs.keys() - {default})
        )
        tables["against_default"] = (("option", "above", "below", "result"), *rows)
    return tables


def _square(figures: Pairs) -> Table:
    """One row and one column per option, its own cell a code."""
    ids = sorted(figures)
    return (("option", *ids), *((one, *(figures[one].get(other, "itself") for other in ids)) for one in ids))
