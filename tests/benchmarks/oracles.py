"""``python -m tests.benchmarks.oracles``: our counts beside those of votelib, starvote and pyrankvote, in one run.

One vote on ten options, by people who agree in part. Everybody is given the same: the distinct ballots as they lie in
the urn, and how many there are of each. Ours answers with the outcome, its tables and its reasons, the others with the
winners; how long these count once they have read the ballots into a shape of their own is told apart. Then how the time
of ours grows with twice as many distinct ballots, and how much memory each of them takes. Times are those of the
processor, and ratios are what can be compared.
"""

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

import pyrankvote
import starvote
from votelib.component.rankscore import Borda as Places
from votelib.convert import ApprovalToSimpleVotes, RankedToCondorcetVotes, RankedToPositionalVotes
from votelib.evaluate import cardinal, condorcet
from votelib.evaluate.core import Plurality
from votelib.evaluate.sequential import TransferableVoteSelector

from app.rules import papers
from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.borda_1 import Borda
from app.rules.builtin.irv_1 import InstantRunoff
from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.score_1 import Score
from app.rules.builtin.star_1 import Star
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.choosing import ChoosingRule
from tests.benchmarks.memory import (
    MEASURED,
    MOST_BYTES,
    OPTIONS,
    SEATS,
    bound,
    bytes_each,
    distinct,
    graded,
    opinions,
    ordered,
)
from tests.oracles import foreign
from tests.oracles.votes import Vote, vote

TIMES_FASTER: Final = 4
MOST_GROWTH: Final = 2.5
IRV: Final = bound(InstantRunoff)
STV: Final = bound(SingleTransferableVote, seats=SEATS)


@dataclass(frozen=True, slots=True)
class Contest:
    """A count of ours with one of somebody else's of the same vote: how that one reads the ballots, and counts them."""

    rule: ChoosingRule
    vote: Vote
    library: str
    read: Callable[[Vote], Any]
    count: Callable[[Any], Any]

    def ours(self) -> object:
        """Our outcome."""
        return self.rule.choose(self.vote.cast, OPTIONS, ())

    def theirs(self) -> object:
        """Their answer."""
        return self.count(self.read(self.vote))


def cast_by(people: int) -> dict[str, Vote]:
    """One vote on four kinds of paper: people rank the best three to ten options, rank all, rate all, and approve of
    the best up to seven."""
    chance = random.Random(people)
    cast: dict[str, Counter[str]] = {kind: Counter() for kind in ("ranking", "whole ranking", "rating", "approval")}
    for opinion in islice(opinions(chance), people):
        best_first = ordered(opinion)
        cast["ranking"][">".join(best_first[: chance.choice((3, 3, 4, 5, 6, 10))])] += 1
        cast["whole ranking"][">".join(best_first)] += 1
        cast["rating"][graded(opinion)] += 1
        cast["approval"][",".join(sorted(best_first[: chance.randint(1, 7)]))] += 1
    return {kind: vote(OPTIONS, dict(sorted(cast[kind].items()))) for kind in cast}


def contests(given: Mapping[str, Vote]) -> Iterator[Contest]:
    """Each count of ours with each of theirs. For Borda everybody ranks all options, as votelib means it."""
    transferring, preferred = TransferableVoteSelector(retainer=foreign.Kept(OPTIONS)), RankedToCondorcetVotes()
    approvals, places = ApprovalToSimpleVotes(), RankedToPositionalVotes(Places(base=0))
    by_votelib: tuple[tuple[ChoosingRule, str, Callable[[Vote], Any], Callable[[Any], Any]], ...] = (
        (IRV, "ranking", _orders, transferring.evaluate),
        (STV, "ranking", _orders, lambda cast: transferring.evaluate(cast, SEATS)),
        (bound(Schulze), "ranking", _orders, lambda cast: condorcet.Schulze().evaluate(preferred.convert(cast))),
        (bound(Borda), "whole ranking", _orders, lambda cast: Plurality().evaluate(places.convert(cast))),
        (bound(Approval), "approval", _approvals, lambda cast: Plurality().evaluate(approvals.convert(cast))),
        (bound(Score), "rating", foreign.scores, cardinal.ScoreVoting("sum").evaluate),
        (bound(Star), "rating", foreign.scores, cardinal.STAR().evaluate),
        (bound(MajorityJudgment), "rating", foreign.scores, cardinal.MajorityJudgment().evaluate),
    )
    for rule, kind, read, count in by_votelib:
        yield Contest(rule, given[kind], "votelib", read, count)
    by_pyrankvote, single = foreign.for_pyrankvote, pyrankvote.single_transferable_vote
    ranking, rating = given["ranking"], given["rating"]
    yield Contest(IRV, ranking, "pyrankvote", by_pyrankvote, lambda cast: pyrankvote.instant_runoff_voting(*cast))
    yield Contest(STV, ranking, "pyrankvote", by_pyrankvote, lambda cast: single(*cast, SEATS))
    yield Contest(
        bound(Star), rating, "starvote", foreign.for_starvote, lambda cast: starvote.star_voting(cast, verbosity=0)
    )


def _orders(vote: Vote) -> dict[Any, int]:
    return {ballot: int(number) for ballot, number in foreign.orders(vote).items()}  # fractions cost them more


def _approvals(vote: Vote) -> dict[frozenset[str], int]:
    return {frozenset(papers.approved(ballot)): int(number) for ballot, number in vote.cast.items()}


def seconds(answer: Callable[[], object], least: float = 0.02) -> float:
    """What one answer takes: the mean of as many as fill so many seconds."""
    times, began = 0, time.process_time()
    while True:
        answer()
        times += 1
        took = time.process_time() - began
        if took >= least:
            return took / times


def beside(people: int, rounds: int) -> None:
    """Prints how much faster ours is than each of theirs: medians of rounds in which both take turns."""
    given = cast_by(people)
    print(f"{people} ballots on {len(OPTIONS)} options, {SEATS} seats by stv\n")
    print("| rule | distinct ballots | beside | ours, ms | theirs, ms | counting alone, ms | times faster | aim |")
    print("|---|---|---|---|---|---|---|---|")
    for one in contests(given):
        took, ready = list[tuple[float, float, float]](), one.read(one.vote)
        for _ in range(rounds):
            took.append((seconds(one.ours), seconds(one.theirs), seconds(partial(one.count, ready))))
        figures = " | ".join(f"{statistics.median(column) * 1000:.2f}" for column in zip(*took, strict=True))
        faster = statistics.median(theirs / ours for ours, theirs, _ in took)
        verdict = f"{TIMES_FASTER}: {'reached' if faster >= TIMES_FASTER else 'missed'}"
        print(
            f"| {one.rule.slug} | {len(one.vote.cast)} | {one.library} | {figures} | {faster:.1f} | {verdict} |",
            flush=True,
        )


def growth(number: int, rounds: int) -> None:
    """Prints how the time of ours grows from so many distinct ballots to twice as many, and their memory."""
    print(f"\n{number} and {2 * number} distinct ballots on {len(OPTIONS)} options\n")
    print(f"| rule | time, twice as many (at most {MOST_GROWTH}) | bytes for each ballot (at most {MOST_BYTES}) |")
    print("|---|---|---|")
    for name, one in MEASURED.items():
        few, many = distinct(one.kind, number), distinct(one.kind, 2 * number)
        took = [(seconds(partial(one.count, few)), seconds(partial(one.count, many))) for _ in range(rounds)]
        few_took, many_took = map(min, zip(*took, strict=True))
        print(f"| {name} | {many_took / few_took:.2f} | {bytes_each(one, number):.0f} |", flush=True)


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--ballots", type=int, default=1_200)
    reader.add_argument("--distinct", type=int, default=20_000)
    reader.add_argument("--rounds", type=int, default=7)
    asked = reader.parse_args()
    beside(asked.ballots, asked.rounds)
    growth(asked.distinct, asked.rounds)
