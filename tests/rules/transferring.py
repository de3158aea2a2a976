"""Electorates for the rules that hand votes on, and the ways in which tests count them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from app.rules.builtin.irv_1 import InstantRunoff, IrvOptions
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.builtin.stv_1_options import StvOptions
from app.rules.builtin.two_round_1 import TwoRound, TwoRoundOptions
from app.rules.cast import Cast as Weights
from app.rules.choosing import ChoosingRule
from app.rules.contract import Figure, Outcome
from app.rules.driver import Process
from app.rules.papers import ranks
from tests.rules.stories import electors, people

Cast = Mapping[str, int]

SEED: Final = "2027-01-15/assembly-7"

CITIES: Final[Cast] = {"m>n>c>k": 42, "n>c>k>m": 26, "c>k>n>m": 15, "k>c>n>m": 17}
IRELAND: Final[Cast] = {
    "lenihan": 694484,
    "robinson": 612265,
    "currie>lenihan": 36789,
    "currie>robinson": 205565,
    "currie": 25548,
}
TIED_AT_ONCE: Final[Cast] = {"opt_a": 4, "opt_b>opt_c": 3, "opt_c>opt_a": 3}
TIED_LATER: Final[Cast] = {"a": 6, "b": 5, "c>b": 4, "d>c": 1}
BEAT_PATHS: Final[Cast] = {"b>a>c": 2, "c>b": 4, "a": 3}
BEFORE_RAISING: Final[Cast] = {"a>b>c": 39, "b>c>a": 35, "c>a>b": 26}
AFTER_RAISING: Final[Cast] = {"a>b>c": 49, "b>c>a": 25, "c>a>b": 26}
MIDDLE_FIRST_OUT: Final[Cast] = {"a>b>c": 8, "c>b>a": 5, "b>c>a": 4}
TWO_OF_FIVE: Final[Cast] = {"a>b>c": 41, "a>c": 16, "b>a>d": 12, "c>d": 13, "d>e>c": 11, "e>d": 7}
TWO_OF_FOUR: Final[Cast] = {"a>b>c>d": 13, "a>c>b>d": 5, "b>c>d>a": 4, "c>d>b>a": 5, "d>c>b>a": 3}
HIDDEN_TIE: Final[Cast] = {"a1>a2>a3>a4>a5": 52, "b1": 8}


def irv(**options: Any) -> InstantRunoff:
    return InstantRunoff(IrvOptions.model_validate(options))


def stv(**options: Any) -> SingleTransferableVote:
    return SingleTransferableVote(StvOptions.model_validate(options))


def two_round(**options: Any) -> TwoRound:
    return TwoRound(TwoRoundOptions.model_validate(options))


def named(ballots: Cast) -> tuple[str, ...]:
    """All options that these ballots rank, by id."""
    return tuple(sorted({option for ballot in ballots for rank in ranks(ballot) for option in rank}))


def counted(rule: ChoosingRule, ballots: Cast, on_ballot: Sequence[str] = (), order: Sequence[str] = ()) -> Outcome:
    """What the count says of these rankings, without any process around it."""
    weights = {ballot: Fraction(number) for ballot, number in sorted(ballots.items())}
    return rule.choose(Weights(weights), tuple(on_ballot) or named(ballots), order)


def decided(
    rule: ChoosingRule,
    ballots: Cast,
    on_ballot: Sequence[str] = (),
    *,
    silent: int = 0,
    seed: str | None = None,
) -> Process:
    """The process when everybody has voted, but for so many who stay silent; with lots when there is a seed."""
    options = tuple(on_ballot) or tuple(option for option in named(ballots) if option not in {"blank", "abstain"})
    voters = electors(people(sum(ballots.values()) + silent))
    process = Process(rule, voters, "m01", forums={"lots": seed} if seed else {}, on_ballot=options)
    cast(process, ballots)
    return process


def cast(process: Process, ballots: Cast) -> None:
    """So many ballots of each kind, in the order of the electorate."""
    names = iter(voter.id for voter in process.electorate.voters)
    for ballot, number in ballots.items():
        for _ in range(number):
            process.say(next(names), "ballot", ballot)


def closed(process: Process) -> Process:
    """The process once its clock has run out."""
    process.run_out()
    return process


def electorates(how_many: int, options: int, voters: int) -> Iterator[dict[str, int]]:
    """Small electorates in which ties are frequent."""
    chance = random.Random(options * voters)
    letters = "abcdefg"[:options]
    for _ in range(how_many):
        cast = [">".join(chance.sample(letters, chance.randint(1, options))) for _ in range(chance.randint(2, voters))]
        yield {ballot: cast.count(ballot) for ballot in sorted(cast)}


def rows(outcome: Outcome) -> dict[Figure, tuple[Figure, ...]]:
    """The table of rounds by its first column."""
    return {row[0]: row[1:] for row in outcome.tables["rounds"]}


def facts(outcome: Outcome, code: str) -> Mapping[str, Figure]:
    """The figures of the one reason with this code."""
    (found,) = (reason.facts for reason in outcome.reasons if reason.code == code)
    return found
