"""An exported event, and the plain values that it stands for: what a recount reads instead of the database."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from app.journal.leaves import digest, opened
from app.rules.contract import Electorate, Phase, Profile, Voter, Word

_SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Told:
    """One exported event: the parsed leaf, and the values that its disclosures open, by name."""

    envelope: Mapping[str, Any]
    disclosed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.envelope["type"])

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.envelope["data"]
        return found


def tell(leaf: bytes, disclosures: Iterable[str]) -> Told:
    """An event from its leaf and its disclosures as they are exported.

    Raises ValueError when a disclosure is not one of those that the leaf commits to.
    """
    envelope = json.loads(leaf)
    values = {}
    for disclosure in disclosures:
        if digest(disclosure) not in envelope["sd"]:
            raise ValueError("the leaf does not know this disclosure")
        name, value = opened(disclosure)
        values[name] = value
    return Told(envelope, values)


def voter(shape: Mapping[str, Any]) -> Voter:
    """One elector as the admission froze them."""
    measures = {name: Fraction(figure) for name, figure in shape["measures"].items()}
    return Voter(shape["voter"], shape["college"], shape["unit"], measures, shape.get("recused"))


def word_of(told: Told) -> Word:
    """A word as the rule read it. A forum speaks through the system and is known by the name it speaks under."""
    data, actor = told.data, told.envelope["actor"]
    by, office = (data["office"], None) if actor == _SYSTEM else (actor, data["office"])
    content = told.disclosed["content"]
    return Word(
        ref=data["ref"],
        by=by,
        form=data["form"],
        value=content["value"],
        about=data["about"],
        version=data["revision"],
        office=office,
        text=content["text"],
        facts={name: tuple(fact) if isinstance(fact, list) else fact for name, fact in content["facts"].items()},
    )


class Hands:
    """By whom ballots are cast: by their voters, and by others only with a proxy, where the rule lets a floor be held
    by proxy, and for nobody who has voted themselves in that round."""

    def __init__(self) -> None:
        self._own: set[tuple[int, str]] = set()

    def may_cast(self, told: Told, plan: Phase, held_round: int) -> bool:
        """Whether the ballot that is told was cast by who could; the next one is judged by it."""
        place, by_proxy = (held_round, told.data["voter"]), told.data["proxy"] is not None
        if told.envelope["actor"] == told.data["voter"]:
            self._own.add(place)
            return not by_proxy
        return by_proxy and place not in self._own and any(floor.proxies for floor in plan.floors)


def counted(electorate: Electorate, ballots: Mapping[str, str]) -> Profile:
    """The profile of the last ballots of a round, by pseudonym."""
    rows: dict[tuple[str, str, str], dict[str, Fraction]] = {}
    for one in electorate.voters:
        if one.id in ballots:
            row = rows.setdefault((ballots[one.id], one.college, one.unit), {})
            for measure, figure in {"heads": Fraction(1), **one.measures}.items():
                row[measure] = row.get(measure, Fraction(0)) + figure
    return Profile(rows)
