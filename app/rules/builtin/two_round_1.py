"""Two rounds: a majority at the first ballot elects; otherwise most votes at a second one, between the best, do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from app.rules.cast import Cast
from app.rules.choosing import REVOTE, ChoosingOptions, ChoosingRule, listed, parted
from app.rules.contract import Case, Figure, Held, Outcome, Paper, Phase, Profile, Reason, Step
from app.rules.figures import Comparison, Share, plain
from app.rules.margins import reaching, settling, trailing

Votes = Mapping[str, Fraction]


class TwoRoundOptions(ChoosingOptions):
    """What elects at the first ballot, and who stands at the second."""

    threshold: Share = Fraction(1, 2)
    op: Comparison = "gt"
    finalists: Share | None = None


class TwoRound(ChoosingRule):
    """One vote each, twice if need be.

    At the first ballot the option with most votes is elected when it alone has most and reaches the threshold of the
    votes expressed; blank ballots and abstentions are not. Otherwise a second ballot, in which everybody may vote
    again, is held between the finalists, and whoever has most votes is elected, however few. A tie there is the
    outcome, unless a tie-break was named. Two finalists are those of the French constitution, art. 7; a share, and the
    two best where fewer have it, are those of the electoral code, art. L. 162, but for its base, the electors.
    """

    slug = "two_round"
    version = 1
    Options = TwoRoundOptions
    claims = frozenset({"anonymous", "neutral"})

    options: TwoRoundOptions

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """One option."""
        return Paper("one")

    def after(self, case: Case) -> Step:
        """The first ballot; the outcome, or the second ballot; then a tie-break, if it was named and is needed."""
        step, rounds = super().after(case), _rounds(case)
        if not isinstance(step, Outcome) or not rounds:
            return step
        if step.code == "runoff":
            among = rounds[0][0].phase.floors[0].among
            second = self.ballot(case, tuple(option for option in among if option in step.winners))
            return replace(second, reasons=step.reasons) if isinstance(second, Phase) else second
        led_here = (reason for opening, *_ in rounds[1:] for reason in opening.phase.reasons)
        before = (reason for reason in led_here if reason.code != "quorum_reached")
        tables = {"rounds": self._table(rounds, step), **step.tables}
        return replace(step, reasons=(*step.reasons, *before), tables=tables)

    def counted(self, case: Case, held: Held) -> Outcome:
        """The outcome of either ballot; ``runoff`` with the finalists as winners when the first elects nobody."""
        plurality = super().counted(case, held)
        if len(_rounds(case)) > 1 or plurality.verdict in {"invalid", "not_elected"}:
            return plurality
        profile = held.profile or Profile()
        cast = self.cast(profile, held.electorate.voting)
        first = self._first(cast, held.phase.floors[0].among)
        quorum = (reason for reason in plurality.reasons if reason.code == "quorum_reached")
        return replace(first, reasons=(*first.reasons, *quorum))

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The second ballot: who has most votes."""
        votes = _votes(ballots, on_ballot)
        best, most = _best(votes)
        facts: dict[str, Figure] = {"votes": plain(most), "of": plain(sum(votes.values(), Fraction(0)))}
        first = parted(best, order) or best
        if len(first) > 1:
            change = Reason("one_more_ballot", {"number": 1}) if ballots.by_heads else settling(1)
            return Outcome("tied", reasons=(Reason("tie", {"options": listed(best), **facts}), change))
        winner = first[0]
        others, second = _best({option: got for option, got in votes.items() if option != winner})
        more = Reason("ahead", {"others": listed(others), "votes": plain(second), "more": plain(most - second + 1)})
        code = "elected" if len(best) == 1 else "elected_by_tie_break"
        ahead = more if ballots.by_heads else trailing(first, others, most - second)
        return Outcome("elected", (winner,), (Reason(code, {"option": winner, **facts}), ahead))

    def _first(self, ballots: Cast, on_ballot: Sequence[str]) -> Outcome:
        votes, base = _votes(ballots, on_ballot), ballots.whole
        bar = self.options.threshold * base
        best, most = _best(votes)
        figures: dict[str, Figure] = {
            "votes": plain(most),
            "of": plain(base),
            "op": self.options.op,
            "bar": plain(bar),
            "threshold": self.options.threshold,
        }
        if len(best) == 1 and (most > bar if self.options.op == "gt" else most >= bar):
            change = self._would_have_run_off(votes, best[0], bar, by_heads=ballots.by_heads)
            return Outcome("elected", (best[0],), (Reason("elected_at_once", {"option": best[0], **figures}), change))
        enters = self._enters(votes, base)
        finalists = [option for option, got in votes.items() if got >= enters]
        reason = Reason("runoff", {"best": listed(best), "options": listed(finalists), **figures})
        missed = _would_have_entered(votes, enters, by_heads=ballots.by_heads)
        return Outcome("not_elected", tuple(finalists), (reason, *missed))

    def _enters(self, votes: Votes, base: Fraction) -> Fraction:
        """The votes that let an option into the second ballot, where there are never fewer than two."""
        second = sorted(votes.values())[-2]
        return second if self.options.finalists is None else min(second, self.options.finalists * base)

    def _would_have_run_off(self, votes: Votes, winner: str, bar: Fraction, *, by_heads: bool) -> Reason:
        """How many votes of the winner, given to the next option, would have kept it from being elected at once."""
        most = votes[winner]
        others, second = _best({option: got for option, got in votes.items() if option != winner})
        level = (most - second) * Fraction(1, 2)
        facts: dict[str, Figure] = {"option": winner, "others": listed(others)}
        if not by_heads:
            op = "gte" if self.options.op == "gt" or level <= most - bar else "gt"
            return Reason("weight_would_run_off", {**facts, "moved": plain(min(most - bar, level)), "op": op})
        below = ceil(most - bar) if self.options.op == "gt" else floor(most - bar) + 1
        return Reason("would_have_run_off", {**facts, "moved": min(below, ceil(level))})

    def _table(self, rounds: Sequence[Sequence[Held]], outcome: Outcome) -> tuple[tuple[Figure, ...], ...]:
        """Each option at each ballot, with what became of it; then the ballots that express nothing."""
        held = [stretches[-1] for stretches in rounds]
        cast = [(one.profile or Profile()).total() for one in held]
        tied = str(outcome.reasons[0].facts["options"]).split(",") if outcome.verdict == "tied" else ()
        rows: list[tuple[Figure, ...]] = []
        for option in sorted(held[0].phase.floors[0].among):
            there = [option in one.phase.floors[0].among for one in held]
            got = (
                plain(votes.get(option, Fraction(0))) if stands else "out"
                for votes, stands in zip(cast, there, strict=True)
            )
            left = "tied" if option in tied else "standing" if there[-1] else "out_in_1"
            rows.append((option, *got, f"elected_in_{len(held)}" if option in outcome.winners else left))
        silent = [(one, *(plain(votes.get(one, Fraction(0))) for votes in cast), "none") for one in self.neutral]
        head = ("option", *(f"round_{number}" for number, _ in enumerate(held, start=1)), "result")
        return (head, *rows, *silent)


def _rounds(case: Case) -> list[list[Held]]:
    """The stretches of each ballot; the last one holds all that was cast."""
    rounds: list[list[Held]] = []
    for held in case.held:
        if held.phase.yields == "profile" and held.phase.kind != REVOTE:
            rounds = [*rounds[:-1], [*rounds[-1], held]] if held.phase.carries else [*rounds, [held]]
    return rounds


def _votes(ballots: Votes, on_ballot: Sequence[str]) -> dict[str, Fraction]:
    return {option: ballots.get(option, Fraction(0)) for option in sorted(on_ballot)}


def _best(votes: Votes) -> tuple[list[str], Fraction]:
    """Who has most votes, and how many."""
    most = max(votes.values())
    return [option for option, got in votes.items() if got == most], most


def _would_have_entered(votes: Votes, enters: Fraction, *, by_heads: bool) -> tuple[Reason, ...]:
    """How many more votes in the same base would have let the next option into the second ballot."""
    outside = {option: got for option, got in votes.items() if got < enters}
    if not outside:
        return ()
    options, got = _best(outside)
    if not by_heads:
        return (reaching(options, enters - got, "gte"),)
    return (Reason("would_have_entered", {"others": listed(options), "more": ceil(enters - got)}),)
