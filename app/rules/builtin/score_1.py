"""Score: everybody gives points to options on one scale, and the options with the highest sum or mean are elected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.scoring_1 import Filled, Number, fill, levels, lower_median, shown, total
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import CountOrShare, plain
from app.rules.margins import trailing
from app.rules.papers import MOST_OPTIONS, points
from app.rules.weights import marks, weight, whole


class ScoreOptions(ChoosingOptions):
    """The scale, what is made of the points, and what an option without points means."""

    low: Annotated[int, Field(ge=-100, le=100)] = 0
    high: Annotated[int, Field(ge=-100, le=100, validate_default=True)] = 5
    aggregate: Literal["sum", "mean"] = "sum"
    unscored: Literal["zero", "exclude"] = "zero"
    min_raters: CountOrShare = 1
    seats: Annotated[int, Field(ge=1, le=MOST_OPTIONS)] = 1

    @field_validator("high")
    @classmethod
    def _is_a_scale(cls, high: int, given: ValidationInfo) -> int:
        if high <= given.data.get("low", high - 1):
            raise PydanticCustomError("no_scale", "the highest score must be above the lowest")
        return high


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of one option: ``marks`` are the weights by score that count, ``rated`` the weight of those who gave
    one, ``raters`` what is compared with the raters needed."""

    marks: Mapping[int, Number]
    rated: Number
    raters: Number
    mean: bool

    @property
    def counted(self) -> Number:
        return total(self.marks.values())

    @property
    def figure(self) -> Number:
        """What is compared: the sum of the points, or their mean."""
        points_ = total(mark * weight for mark, weight in self.marks.items())
        return Fraction(points_, self.counted) if self.mean else points_

    @property
    def key(self) -> tuple[Number, int]:
        return self.figure, lower_median(self.marks)

    def short_of(self, figure: Number) -> Number:
        """The points that separate the option from a figure, on the same ballots."""
        return (figure - self.figure) * (self.counted if self.mean else 1)


class Score(ChoosingRule):
    """The highest sum of points, or the highest mean, is elected; level options by the higher median.

    The median is the score in the middle, the lower one when two stand there. An option with fewer raters than
    ``min_raters`` is not electable: a mean over a handful must not beat a mean over many. A number of raters counts
    people; a part is one of what ballots weigh, where a rule around this one weighs them, and of what that rule calls
    100 %.
    """

    slug = "score"
    version = 1
    Options = ScoreOptions
    claims = frozenset({"anonymous", "neutral"})

    options: ScoreOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """One score for one option at least."""
        return Paper("rating", low=self.options.low, high=self.options.high)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The highest figures of those whom enough people scored."""
        scored = self._scored(ballots, on_ballot)
        asked = self.options.min_raters
        needed = asked if isinstance(asked, int) else plain(asked * ballots.whole)
        eligible = {option: one.key for option, one in scored.items() if one.raters >= needed and one.rated > 0}
        filled = fill(eligible, self.options.seats, order)
        left_out = [option for option in scored if option not in eligible]
        rows = {option: self._row(scored[option]) for level in [*levels(eligible), left_out] for option in level}
        tables = {"scores": filled.table((self.options.aggregate, "median", "raters"), rows)}
        few = {"options": listed(left_out), "needed": shown(needed or 1)}
        too_few = (Reason("too_few_raters", few),) if left_out else ()
        decided = self._decided(filled, scored, by_heads=ballots.by_heads) if eligible else ()
        return Outcome(filled.verdict, filled.winners, (*decided, *too_few), tables)

    def _scored(self, ballots: Cast, on_ballot: tuple[str, ...]) -> dict[str, _Scored]:
        scores = _marked(ballots.weights, on_ballot)
        rated = raters = {option: total(row.values()) for option, row in scores.items()}
        if isinstance(self.options.min_raters, int) and not ballots.by_heads:
            raters = {option: total(row.values()) for option, row in _marked(ballots.people, on_ballot).items()}
        if self.options.unscored == "zero":
            everybody = plain(weight(ballots.weights))
            for option, row in scores.items():
                row[0] = row.get(0, 0) + everybody - rated[option]
        mean = self.options.aggregate == "mean"
        return {option: _Scored(row, rated[option], raters[option], mean) for option, row in scores.items()}

    def _row(self, scored: _Scored) -> tuple[Figure, ...]:
        if not scored.marks:
            return ("unscored", "unscored", 0)
        return tuple(shown(figure) for figure in (*scored.key, scored.raters))

    def _decided(self, filled: Filled, scored: Mapping[str, _Scored], *, by_heads: bool) -> tuple[Reason, ...]:
        measure: dict[str, Figure] = {"aggregate": self.options.aggregate}
        least = min((scored[option].figure for option in filled.winners), default=Fraction(0))
        number = len(filled.winners)
        elected = {**measure, "options": listed(filled.winners), "number": number, "figure": shown(least)}
        tie = {**measure, "options": listed(filled.tied), "seats": filled.left}
        if filled.tied:
            figure, median = scored[filled.tied[0]].key
            tie |= {"figure": shown(figure), "median": median}
        change = self._change(filled, scored, by_heads=by_heads) if filled.next else ()
        settles = self._settles(filled, scored)
        return filled.because(
            Reason("elected", elected), Reason("tie", tie), *change, settles=settles, by_heads=by_heads
        )

    def _settles(self, filled: Filled, scored: Mapping[str, _Scored]) -> bool:
        """Whether the highest score, given to a tied option by one more ballot, raises its figure above that of others;
        and a part of all ballots that is asked of raters does not grow by more than this one."""
        means_alone = self.options.aggregate == "mean" and self.options.unscored == "exclude"
        above = scored[filled.tied[0]].figure if filled.tied and means_alone else 0
        return self.options.high > above and (filled.left <= 1 or isinstance(self.options.min_raters, int))

    def _change(self, filled: Filled, scored: Mapping[str, _Scored], *, by_heads: bool) -> tuple[Reason, ...]:
        """How many more points the next option needed, on the same ballots, or how far it was where points weigh."""
        ahead, behind = scored[filled.last[0]], scored[filled.next[0]]
        short = {option: floor(scored[option].short_of(ahead.figure)) + 1 for option in filled.next}
        needed = min(short.values())
        between: dict[str, Figure] = {
            "behind": listed([option for option in filled.next if short[option] == needed]),
            "ahead": listed(filled.last),
        }
        by = ahead.figure - behind.figure
        medians: dict[str, Figure] = {"median": ahead.key[1], "other": behind.key[1]}
        level = (Reason("median_decides", {**between, **medians}),) if by == 0 else ()
        figures: dict[str, Figure] = {"by": shown(by), "needed": needed, "aggregate": self.options.aggregate}
        more = Reason("ahead_by", {**between, **figures}) if by_heads else trailing(filled.last, filled.next, by)
        return (*level, more)


def _marked(ballots: Mapping[str, Fraction], on_ballot: Sequence[str]) -> dict[str, dict[int, Number]]:
    """How often each option was given each score."""
    unit, weights = whole(ballots)
    scores: dict[str, dict[int, Number]] = {option: {} for option in sorted(on_ballot)}
    for mark, number in marks(weights).items():
        [(option, given)] = points(mark).items()
        scores[option][given] = plain(Fraction(number, unit))
    return scores
