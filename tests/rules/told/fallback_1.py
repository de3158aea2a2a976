"""Rules that follow another and fix what that means."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.driver import Process
from tests.rules.stories import Story, all_say, electors, object_, people, vote
from tests.rules.wrapping import bound, process, rule_within

ONE_ROUND: Final = rule_within("consent", begins_with="objecting", judge="none", max_rounds=1, on_deadlock=())
THREE_QUARTERS: Final = rule_within("majority", threshold="3/4", op="gte")


def blocked_then(**cast: int) -> Process:
    """One of five objects in the only round; then three quarters of the votes cast decide."""
    rule = bound("fallback", first=ONE_ROUND, second=THREE_QUARTERS, on=("rounds_spent", "not_integrated"))
    told = process(rule, electors(people(5)))
    all_say(told, people(5)[1:4])
    object_(told, "m05")
    vote(told, **cast)
    told.run_out()
    return told


def majorities(first: Mapping[str, int], second: Mapping[str, int], *on: str, **options: Any) -> Process:
    rule = bound("fallback", first=rule_within("majority", **options), second=rule_within("majority"), on=on)
    told = process(rule, electors(people(6)))
    for cast in (first, second):
        if not told.is_over:
            vote(told, **cast)
        if not told.is_over:
            told.deadline()
    told.run_out()
    return told


def collected() -> Process:
    """Options are added under the first rule, which nobody answers; the second puts all of them to the vote."""
    first = rule_within("approval", collecting="P2D", quorum="1/2")
    rule = bound("fallback", first=first, second=rule_within("approval"), on=("no_quorum",))
    told = process(rule, electors(people(4)), on_ballot=("lilas", "quai"))
    added = told.say("m02", "option", "option")
    told.deadline()
    told.deadline()
    for name in people(4)[1:]:
        told.say(name, "ballot", added)
    told.run_out()
    return told


STORIES: Final[Mapping[str, Story]] = {
    "an objection stands, three quarters adopt": lambda: blocked_then(for_=4, against=1),
    "an objection stands, three quarters are missed": lambda: blocked_then(for_=3, against=2),
    "an objection stands, nobody votes": blocked_then,
    "two thirds are missed, more than half adopt": lambda: majorities(
        {"for_": 3, "against": 2}, {"for_": 3, "against": 2}, "missed", threshold="2/3", op="gte"
    ),
    "the first rule adopts": lambda: majorities({"for_": 4, "against": 1}, {}, "missed", "reached"),
    "what was added under the first rule is elected under the second": collected,
    "the first rule ends otherwise": lambda: majorities({"for_": 2, "against": 2}, {}, "missed"),
}
