"""Approval: everybody marks all the options that they approve of, and those with the most approvals are elected."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Annotated

from pydantic import Field

from app.rules.builtin.scoring_1 import Filled, Number, fill, levels, shown
from app.rules.cast import Cast
from app.rules.choosing import ChoosingOptions, ChoosingRule, listed
from app.rules.contract import Figure, Outcome, Paper, Reason
from app.rules.figures import Comparison, Share, plain
from app.rules.margins import Op, losing, reaching, trailing
from app.rules.papers import ALONE, MOST_OPTIONS, NONE, approved


class ApprovalOptions(ChoosingOptions):
    """How many are elected, and what they must reach."""

    seats: Annotated[int | None, Field(ge=1, le=MOST_OPTIONS)] = None
    threshold: Share | None = None
    op: Comparison = "gt"
    max_choices: Annotated[int | None, Field(ge=1, le=MOST_OPTIONS)] = None


class Approval(ChoosingRule):
    """The most approved options take the seats; with a threshold, only options that reach it.

    A ballot gives each option that it names one approval. The threshold is a share of the expressed ballots, exact; a
    ballot that approves of none of the options is one of them. An option that nobody approves of is never elected,
    whatever the seats. Options that are level for the last seats are tied. With several seats this is the block count,
    which is not proportional: one majority may take every seat.
    """

    slug = "approval"
    version = 1
    Options = ApprovalOptions
    claims = frozenset({"anonymous", "neutral"})

    options: ApprovalOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """As many options as one approves of, up to the most allowed, or none; unless an option goes by that name."""
        alone = ALONE if NONE in on_ballot else (*ALONE, NONE)
        return Paper("approval", most=self.options.max_choices, alone=alone)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The options with the most approvals, as many as there are seats and options that reach the bar."""
        votes: dict[str, Number] = dict.fromkeys(sorted(on_ballot), 0)
        of_none = NONE not in votes and NONE in ballots
        for ballot, weight in ballots.items():
            if not of_none or ballot != NONE:
                number = plain(weight)
                for option in approved(ballot):
                    votes[option] += number
        whole = plain(ballots.whole)
        bar = (self.options.threshold or 0) * whole
        reached = sum(1 for number in votes.values() if self._reaches(number, bar))
        seats = self.options.seats or (1 if self.options.threshold is None else len(votes))
        keys = {option: (number,) for option, number in votes.items()}
        filled = fill(keys, min(seats, reached), order)
        is_full = len(filled.winners) == seats
        change = (self._change if ballots.by_heads else self._in_weight)(filled, votes, bar, is_full=is_full)
        reasons = self._reasons(filled, votes, bar, change, ballots)
        if of_none:
            reasons = (*reasons, Reason("none_of_these", {"people": plain(ballots.people[NONE])}))
        rows: dict[str, tuple[Figure, ...]] = {
            option: (shown(votes[option]),) for level in levels(keys) for option in level
        }
        return Outcome(filled.verdict, filled.winners, reasons, {"approvals": filled.table(("approvals",), rows)})

    def _at_least(self) -> bool:
        return self.options.threshold is not None and self.options.op == "gte"

    def _reaches(self, votes: Number, bar: Number) -> bool:
        return votes >= bar if self._at_least() else votes > bar

    def _reasons(
        self, filled: Filled, votes: Mapping[str, Number], bar: Number, change: tuple[Reason, ...], ballots: Cast
    ) -> tuple[Reason, ...]:
        threshold, whole = self.options.threshold, ballots.whole
        asked: dict[str, Figure] = {"op": self.options.op, "bar": shown(bar), "threshold": threshold or 0}
        said = () if threshold is None else (Reason("bar", {**asked, "ballots": shown(whole)}),)
        if not filled.winners and not filled.tied:
            best: dict[str, Figure] = {"options": listed(filled.next), "approvals": shown(votes[filled.next[0]])}
            return (Reason("none_reached", best), *change, *said)
        elected: dict[str, Figure] = {
            "options": listed(filled.winners),
            "number": len(filled.winners),
            "approvals": shown(min((votes[option] for option in filled.winners), default=0)),
            "ballots": shown(whole),
        }
        tie: dict[str, Figure] = {
            "options": listed(filled.tied),
            "seats": filled.left,
            "approvals": shown(max((votes[option] for option in filled.tied), default=0)),
        }
        # A further ballot raises the bar by less than the approval that it gives; several raise it together by more.
        settles = threshold is None or filled.left == 1
        decided, tied = Reason("elected", elected), Reason("tie", tie)
        return (*filled.because(decided, tied, *change, settles=settles, by_heads=ballots.by_heads), *said)

    def _change(self, filled: Filled, votes: Mapping[str, Number], bar: Number, *, is_full: bool) -> tuple[Reason, ...]:
        """How many more approvals the next option needed; where the threshold decides, how few the last could lose."""
        if filled.next and is_full:
            by = votes[filled.last[0]] - votes[filled.next[0]]
            between: dict[str, Figure] = {"behind": listed(filled.next), "ahead": listed(filled.last), "by": shown(by)}
            return (Reason("ahead_by", {**between, "needed": floor(by) + 1}),)
        found: list[Reason] = []
        if filled.next:
            short = bar - votes[filled.next[0]]
            needed = ceil(short) if self._at_least() else floor(short) + 1
            found.append(Reason("would_have_reached", {"options": listed(filled.next), "approvals": needed}))
        if filled.last and self.options.threshold is not None:
            spare = votes[filled.last[0]] - bar
            lost = floor(spare) + 1 if self._at_least() else ceil(spare)
            facts: dict[str, Figure] = {"options": listed(filled.last), "number": len(filled.last), "approvals": lost}
            found.append(Reason("would_have_failed", facts))
        return tuple(found)

    def _in_weight(
        self, filled: Filled, votes: Mapping[str, Number], bar: Number, *, is_full: bool
    ) -> tuple[Reason, ...]:
        """The same where votes weigh."""
        if filled.next and is_full:
            return (trailing(filled.last, filled.next, votes[filled.last[0]] - votes[filled.next[0]]),)
        found: list[Reason] = []
        if filled.next:
            op: Op = "gte" if self._at_least() else "gt"
            found.append(reaching(filled.next, bar - votes[filled.next[0]], op))
        if filled.last and self.options.threshold is not None:
            op = "gt" if self._at_least() else "gte"
            found.append(losing(filled.last, votes[filled.last[0]] - bar, op))
        return tuple(found)
