"""Proposals that need sponsors before they are decided."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.builtin.sponsored_1 import Sponsored, SponsoredOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people


def sponsored(electorate: int, names: tuple[str, ...], *for_: str, **options: Any) -> Process:
    wanted = {"inner": {"rule": "majority", "version": 1}, **options}
    rule = Sponsored(SponsoredOptions.model_validate(wanted), {"inner": Majority(MajorityOptions())})
    process = Process(rule, electors(people(electorate)), "m01")
    for name in names:
        process.say(name, "sponsorship", "sponsored")
    for name in for_:
        process.say(name, "ballot", "for")
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "two sponsors open the vote": lambda: sponsored(5, ("m02", "m03"), "m01", "m02", "m04"),
    "one sponsor where two are needed": lambda: sponsored(5, ("m04",)),
    "one is enough": lambda: sponsored(4, ("m02",), "m02", "m03", sponsors=1),
}
