"""Prints the canonical bytes of many stories, told with voters and ballots in an order drawn from a seed.

Run in processes of different hash seeds by the test of purity: nothing printed may depend on either.
"""

import random
import sys
from dataclasses import replace

from app.rules.canonical import canonical_bytes
from app.rules.case import Case, Held
from app.rules.electorate import Electorate
from app.rules.vectors import steps
from app.rules.wander import wander
from tests.rules.reference import stories
from tests.rules.stories import consent, majority


def shuffled(case: Case, chance: random.Random) -> Case:
    return replace(
        case, electorate=_mixed(case.electorate, chance), held=tuple(_held(one, chance) for one in case.held)
    )


def _held(held: Held, chance: random.Random) -> Held:
    if held.profile is None:
        return replace(held, electorate=_mixed(held.electorate, chance))
    rows = list(held.profile.rows.items())
    chance.shuffle(rows)
    return replace(held, electorate=_mixed(held.electorate, chance), profile=replace(held.profile, rows=dict(rows)))


def _mixed(electorate: Electorate, chance: random.Random) -> Electorate:
    voters = list(electorate.voters)
    chance.shuffle(voters)
    return Electorate(tuple(voters))


def main() -> None:
    """Tells every reference story, and some more at random."""
    order = random.Random(int(sys.argv[1]))
    processes = [story() for told in stories().values() for story in told.values()]
    for number in range(12):
        process = consent(6, judge="panel", tolerance="1/3", forums={"lots": "seed"}) if number % 4 else majority(6)
        wander(process, random.Random(number).randrange)
        processes.append(process)
    for process in processes:
        for prefix, _ in steps(process.rule, process.case):
            step = process.rule.after(shuffled(prefix, order))
            print(canonical_bytes(step).decode())  # noqa: T201 - what the test reads
        for matter in process.rule.matters(shuffled(process.case, order)):
            print(canonical_bytes(matter).decode())  # noqa: T201 - idem


if __name__ == "__main__":
    main()
