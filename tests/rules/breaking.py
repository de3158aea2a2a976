"""How tests play what follows a tie between options: a second ballot, the chair, an order named beforehand."""

from collections.abc import Mapping, Sequence

from app.rules.choosing import ChoosingRule
from app.rules.driver import Process
from tests.rules.stories import electors, people
from tests.rules.transferring import Cast, cast, named


def broken(
    rule: ChoosingRule,
    ballots: Cast,
    *,
    on_ballot: Sequence[str] = (),
    chair: Sequence[str] = (),
    again: Mapping[str, int] | None = None,
) -> Process:
    """The process when everybody has voted, the chair (m02) has named so many options one after the other, and so many
    people have cast each ballot ``again``; then its clock runs out."""
    process = Process(
        rule,
        electors(people(sum(ballots.values()))),
        "m01",
        offices={"chair": ("m02",)},
        on_ballot=tuple(on_ballot) or named(ballots),
    )
    cast(process, ballots)
    for option in chair:
        process.say("m02", "casting_choice", option)
    cast(process, again or {})
    process.run_out()
    return process
