"""Rankings counted by strongest paths, which fix what the rule means."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people

FOUR_CITIES: Final = {"m>n>c>k": 42, "n>c>k>m": 26, "c>k>n>m": 15, "k>c>n>m": 17}
LINK: Final = {"b>a>c": 2, "c>b": 4, "a": 3}
NOT_RANKED: Final = {"c>a>b": 1, "b": 2}
THREE: Final = {"a>b>c": 8, "c>b>a": 5, "b>c>a": 4}
FORTY_FIVE: Final = {
    "a>c>b>e>d": 5,
    "a>d>e>c>b": 5,
    "b>e>d>a>c": 8,
    "c>a>b>e>d": 3,
    "c>a>e>b>d": 7,
    "c>b>a>d>e": 2,
    "d>c>e>b>a": 7,
    "e>b>a>d>c": 8,
}
BEFORE: Final = {"a>b>c": 39, "b>c>a": 35, "c>a>b": 26}
AFTER: Final = {"a>b>c": 49, "b>c>a": 25, "c>a>b": 26}
CIRCLE: Final = {"a>b>c": 1, "b>c>a": 1, "c>a>b": 1}
AGAINST_NONE: Final = {"a>none>b>c": 3, "b>a>none>c": 2, "none>c>b>a": 3, "b>none": 1}


def ranked(
    ballots: Mapping[str, int],
    on_ballot: str = "a b c",
    *,
    absent: int = 0,
    forums: Mapping[str, str] | None = None,
    **options: Any,
) -> Process:
    """A ballot held to its end: so many rankings of each kind, and so many who stay away."""
    rule = Schulze(SchulzeOptions.model_validate(options))
    names = people(sum(ballots.values()) + absent)
    process = Process(rule, electors(names), "m01", forums=forums or {}, on_ballot=tuple(on_ballot.split()))
    voters = iter(names)
    for ballot, count in ballots.items():
        for _ in range(count):
            process.say(next(voters), "ballot", ballot)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "four cities: one beats all others": lambda: ranked(FOUR_CITIES, "c k m n"),
    "17 voters: the middle one beats both": lambda: ranked(THREE),
    "45 voters: a circle, decided by paths": lambda: ranked(FORTY_FIVE, "a b c d e"),
    "the same circle by margins": lambda: ranked(FORTY_FIVE, "a b c d e", strength="margins"),
    "weakest link by winning votes": lambda: ranked(LINK),
    "weakest link by margins": lambda: ranked(LINK, strength="margins"),
    "unranked options are last": lambda: ranked(NOT_RANKED),
    "unranked options are not compared": lambda: ranked(NOT_RANKED, unranked="ranked_pairs_only"),
    "100 voters, before ten of them raise an option": lambda: ranked(BEFORE),
    "100 voters, after ten of them raised it": lambda: ranked(AFTER),
    "a perfect circle is a tie": lambda: ranked(CIRCLE),
    "a perfect circle, settled by lot": lambda: ranked(
        CIRCLE, tie_break="lot", forums={"lots": "2027-01-15/assembly-7"}
    ),
    "a perfect circle, and no lots": lambda: ranked(CIRCLE, tie_break="lot"),
    "everybody is indifferent": lambda: ranked({"a=b=c": 2, "blank": 1}),
    "a default, a majority against it": lambda: ranked(AGAINST_NONE, "a b c none", default="none"),
    "a default, and twice as many above as below": lambda: ranked(
        AGAINST_NONE, "a b c none", default="none", default_majority=2
    ),
    "a default, and a quorum of votes": lambda: ranked(
        AGAINST_NONE, "a b c none", default="none", option_quorum=5, default_majority=None
    ),
    "a default, and a quorum of half roots": lambda: ranked(
        AGAINST_NONE, "a b c none", absent=7, default="none", option_quorum=2, option_quorum_in="half_roots"
    ),
    "the default beats those who stand": lambda: ranked(
        {"none>a>b": 3, "b>none": 1, "a": 1}, "a b none", default="none", default_majority=None
    ),
    "the default is not on the ballot": lambda: ranked({}, "a b", absent=3, default="none"),
}
