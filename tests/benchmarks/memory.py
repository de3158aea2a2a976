"""How much memory a count holds for each distinct ballot: told by the interpreter, so that a test can hold it to it."""

import random
import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from app.rules import papers
from app.rules.builtin.irv_1 import InstantRunoff
from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.cast import Cast
from app.rules.choosing import ChoosingRule

OPTIONS: Final = tuple("abcdefghij")
SEATS: Final = 3
MOST_BYTES: Final = 500


@dataclass(frozen=True, slots=True)
class Measured:
    """A count, and the kind of ballots that it reads."""

    rule: ChoosingRule
    kind: str

    def count(self, cast: Cast) -> object:
        """The outcome of these ballots."""
        return self.rule.choose(cast, OPTIONS, ())


def bound(rule: type[ChoosingRule], **options: Any) -> ChoosingRule:
    """The rule with these options."""
    return rule(rule.Options.model_validate(options))


MEASURED: Final = {
    "irv": Measured(bound(InstantRunoff), "ranking"),
    "stv, exact": Measured(bound(SingleTransferableVote, seats=SEATS), "ranking"),
    "stv, five decimals": Measured(bound(SingleTransferableVote, seats=SEATS, arithmetic="five_decimals"), "ranking"),
    "schulze": Measured(bound(Schulze), "ranking"),
    "majority_judgment": Measured(bound(MajorityJudgment), "rating"),
}


def opinions(chance: random.Random) -> Iterator[dict[str, float]]:
    """What people think of each option, from 0 to 1, without end: more than half of it is what all think of it."""
    known = {option: chance.random() for option in OPTIONS}
    while True:
        yield {option: (3 * known[option] + 2 * chance.random()) / 5 for option in OPTIONS}


def ordered(opinion: Mapping[str, float]) -> list[str]:
    """The options, the best first."""
    return sorted(opinion, key=opinion.__getitem__, reverse=True)


def graded(opinion: Mapping[str, float]) -> str:
    """The options by six grades."""
    return papers.rating({option: int(6 * good) for option, good in opinion.items()})


def distinct(kind: str, number: int) -> Cast:
    """So many ballots that all differ, each on all options, so that none takes more room: the first of one and the
    same vote, in which single and several seats are settled after many rounds only."""
    found: dict[str, Fraction] = {}
    for opinion in opinions(random.Random(6)):
        found[graded(opinion) if kind == "rating" else ">".join(ordered(opinion))] = Fraction(1)
        if len(found) == number:
            break
    return Cast(dict(sorted(found.items())))


def bytes_each(one: Measured, number: int) -> float:
    """The most that a count holds at once beyond the ballots it was given, for each of so many distinct ones."""
    cast = distinct(one.kind, number)
    tracemalloc.start()
    try:
        one.count(cast)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most / number
