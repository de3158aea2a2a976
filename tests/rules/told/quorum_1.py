"""Votes under a quorum that fix what it means."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from app.rules.contract import Electorate
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people, vote
from tests.rules.wrapping import Votes, bound, in_colleges, process, rule_within, vote_by, with_measures


def called(voters: int | Electorate, calls: tuple[Mapping[str, Any], ...], *cast: Votes, **options: Any) -> Process:
    """What is cast in each call, in the order of the electorate."""
    there = electors(people(voters)) if isinstance(voters, int) else voters
    told = process(bound("quorum", calls=calls, **options), there)
    for votes in cast:
        if not told.now.phase.floors:
            told.deadline()
        vote(told, **votes)
        if not told.is_over and told.now.phase.yields == "profile":
            told.deadline()
    told.run_out()
    return told


def by_college(share: str, *said: Mapping[str, Votes]) -> Process:
    calls = ({"share": "1/5", "per_college": share}, {"share": "0"})
    told = process(bound("quorum", calls=calls), in_colleges(S=6, B=4, P=3))
    for votes in said:
        vote_by(told, votes)
        told.deadline()
    return told


def recused(effect: Any) -> Process:
    voters = electors(people(10)).voters
    there = Electorate((*voters[:9], replace(voters[9], recused=effect)))
    return called(there, ({"share": "1/2"},), {"for_": 3, "against": 2})


def collected(*voting: str) -> Process:
    """An option is added before the ballot of each call; the first call is followed by one of six, the second by these,
    for the option of the first."""
    inner = rule_within("approval", collecting="P2D")
    calls = ({"share": "1/2"}, {"share": "0"})
    told = process(bound("quorum", inner=inner, calls=calls), electors(people(6)), on_ballot=("apple", "fig"))
    first = told.say("m02", "option", "option")
    told.deadline()
    told.say("m03", "ballot", first)
    told.deadline()
    told.say("m04", "option", "option")
    told.deadline()
    for name in voting:
        told.say(name, "ballot", first)
    told.run_out()
    return told


def left_meanwhile() -> Process:
    """Somebody leaves while the second call is announced."""
    told = process(bound("quorum", calls=({"share": "1/2"}, {"share": "1/4"}), notice="P2W"), electors(people(5)))
    told.deadline()
    told.leave("m05")
    told.deadline()
    vote(told, for_=1)
    told.run_out()
    return told


ORDINARY: Final = ({"share": "1/5"}, {"share": "0"})
EACH_LOWER: Final = ({"share": "3/5"}, {"share": "1/2"}, {"share": "1/4"})

STORIES: Final[Mapping[str, Story]] = {
    "7 of 40 where 8 are needed, then a second call without a quorum": lambda: called(
        40, ORDINARY, {"for_": 5, "against": 2}, {"for_": 4, "against": 3}
    ),
    "8 of 40 are enough for the first call": lambda: called(40, ORDINARY, {"for_": 5, "against": 2, "blank": 1}),
    "nobody answers in either call": lambda: called(5, ORDINARY),
    "both calls miss their quorum": lambda: called(10, ({"share": "1/2"}, {"share": "2/5"}), {"for_": 4}, {"for_": 3}),
    "5-2, for the second time at least two thirds": lambda: called(
        10,
        ({"share": "1"}, {"share": "1/2"}),
        {"for_": 5, "against": 2},
        {"for_": 5, "against": 2},
        inner=rule_within("majority", threshold="2/3", op="gte"),
    ),
    "one college stays away from the first call": lambda: by_college(
        "1/2", {"S": {"for": 6}, "B": {"for": 4}, "P": {"for": 1}}, {"S": {"against": 4}, "B": {"for": 2}}
    ),
    "every college is there": lambda: by_college("1/2", {"S": {"for": 3}, "B": {"against": 2}, "P": {"for": 2}}),
    "a unit without its half": lambda: called(
        with_measures((3, {"votes": 1})), ({"share": "0", "per_unit": "1/2"},), {"for_": 2}
    ),
    "a quorum of votes": lambda: called(
        with_measures((2, {"votes": 3}), (4, {"votes": 1})), ({"share": "3/5"},), {"for_": 2}, basis="votes"
    ),
    "a quorum of votes is missed": lambda: called(
        with_measures((4, {"votes": 1}), (2, {"votes": 3})), ({"share": "3/5"},), {"for_": 4}, basis="votes"
    ),
    "a tie goes to the chair of the second call": lambda: called(
        6,
        ORDINARY,
        {"for_": 1},
        {"for_": 1, "against": 1},
        inner=rule_within("majority", tie_break="chair_casting"),
    ),
    "whoever is recused from vote and quorum leaves the base": lambda: recused("vote_and_quorum"),
    "whoever is recused from the vote stays in the base": lambda: recused("vote"),
    "ten days before the second call, in which nobody votes": lambda: called(
        10, EACH_LOWER, {"for_": 4}, {"for_": 4, "against": 1}, notice="P10D"
    ),
    "each further call is announced": lambda: called(
        10, EACH_LOWER, {"for_": 4}, {"for_": 3}, {"for_": 2, "against": 1}, notice="PT48H"
    ),
    "somebody leaves before the second call": left_meanwhile,
    "what was added before the first call is elected in the second": lambda: collected("m01", "m05"),
    "a round of consent that too few join": lambda: called(
        5, ORDINARY, inner=rule_within("consent", begins_with="objecting", on_deadlock=())
    ),
}
