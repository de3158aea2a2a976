"""Shares of seats that fix what apportionment means."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.apportionment_1 import Apportionment, ApportionmentOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people


def shares(options: Mapping[str, Any], cast: Mapping[str, int], *, silent: int = 0, seed: str = "") -> Process:
    """So many ballots for each list, and what follows."""
    rule = Apportionment(ApportionmentOptions.model_validate(options))
    lists = tuple(one for one in cast if one not in ("abstain", "blank"))
    names = people(sum(cast.values()) + silent)
    process = Process(rule, electors(names), "m01", forums={"lots": seed} if seed else {}, on_ballot=lists)
    voters = iter(names)
    for ballot, count in cast.items():
        for _ in range(count):
            process.say(next(voters), "ballot", ballot)
    process.run_out()
    return process


FIVE: Final = {"oak": 47, "elm": 16, "ash": 16, "fir": 12, "yew": 6}
EQUAL: Final = {"oak": 10, "elm": 10, "ash": 10}

STORIES: Final[Mapping[str, Story]] = {
    "47-16-16-12-6, ten seats by D'Hondt": lambda: shares({"seats": 10}, FIVE),
    "47-16-16-12-6, ten seats by Sainte-Laguë": lambda: shares({"seats": 10, "method": "sainte_lague"}, FIVE),
    "47-16-16-12-6, ten seats by largest remainders": lambda: shares(
        {"seats": 10, "method": "largest_remainder"}, FIVE
    ),
    "a list below a tenth has no seat": lambda: shares(
        {"seats": 10, "method": "sainte_lague", "threshold": "1/10"}, FIVE
    ),
    "no list reaches one half": lambda: shares({"seats": 3, "threshold": "1/2"}, EQUAL),
    "10-10-10, the fourth seat is tied": lambda: shares({"seats": 4}, EQUAL),
    "10-10-10, the fourth remainder is tied": lambda: shares({"seats": 4, "method": "largest_remainder"}, EQUAL),
    "10-10-10, the fourth seat by lot": lambda: shares(
        {"seats": 4, "tie_break": "lot"}, EQUAL, seed="2027-01-15/assembly-7"
    ),
    "10-10-10, no lots for the fourth seat": lambda: shares({"seats": 4, "tie_break": "lot"}, EQUAL),
    "abstentions and blank ballots have no seats": lambda: shares(
        {"seats": 3}, {"oak": 4, "elm": 3, "abstain": 2, "blank": 5}, silent=4
    ),
    "nobody for any list": lambda: shares({"seats": 2}, {"oak": 0, "elm": 0, "blank": 3}),
}
