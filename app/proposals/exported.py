"""An exported event, and the plain values that it stands for: what a recount reads instead of the database."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from app.journal.leaves import digest, leaf_hash, opened
from app.rules.contract import Electorate, Floor, Phase, Profile, Voter, Word

_SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Told:
    """One exported event: the parsed leaf and its hash, and the values that its disclosures open, by name."""

    envelope: Mapping[str, Any]
    leaf_hash: bytes
    disclosed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.envelope["type"])

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.envelope["data"]
        return found

    @property
    def at(self) -> datetime:
        """When it happened, by the clock of the service."""
        return datetime.fromisoformat(self.envelope["at"])


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
    return Told(envelope, leaf_hash(leaf), values)


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
    by proxy, unless they are barred from it themselves, and for nobody who has voted themselves in that round."""

    def __init__(self) -> None:
        self._own: set[tuple[int, str]] = set()
        self._by_proxy: set[tuple[int, str]] = set()

    def may_cast(self, told: Told, plan: Phase, floor: Floor, held_round: int) -> bool:
        """Whether the ballot that is told was cast on its floor by who could; the next one is judged by it. Where
        nobody votes twice, only a voter who turns up replaces what was cast for them."""
        place, actor = (held_round, told.data["voter"]), told.envelope["actor"]
        by_proxy = told.data["proxy"] is not None
        if actor == told.data["voter"]:
            is_again = floor.once and place in self._own
            self._own.add(place)
            return not by_proxy and not is_again
        is_again = place in self._own or (floor.once and place in self._by_proxy)
        self._by_proxy.add(place)
        held = any(one.form == floor.form and one.proxies and actor not in one.who.barring for one in plan.floors)
        return by_proxy and held and actor != _SYSTEM and not is_again


class Urns:
    """The ballots that the events tell of: the last one of each voter in each round, and the head of its stream."""

    def __init__(self) -> None:
        self._choices: dict[int, dict[str, str]] = {}
        self._hands: dict[int, dict[str, str]] = {}
        self._heads: dict[int, dict[str, bytes]] = {}

    def put(self, told: Told, held_round: int) -> None:
        """A ballot was cast; it replaces an earlier one of the same voter."""
        self._choices.setdefault(held_round, {})[told.data["voter"]] = told.disclosed["choice"]
        self._hands.setdefault(held_round, {})[told.data["voter"]] = told.envelope["actor"]
        self._heads.setdefault(told.data["phase"], {})[told.envelope["stream"]] = told.leaf_hash

    def roll(self, held_round: int, voters: Iterable[str]) -> None:
        """Who took part in a secret vote, of which nothing else is told."""
        self._choices[held_round] = dict.fromkeys(voters, "")

    def choices(self, held_round: int) -> Mapping[str, str]:
        """What each voter chose in a round, so far."""
        return self._choices.get(held_round, {})

    def by(self, hand: str, held_round: int) -> tuple[str, ...]:
        """The ballots of a round that one hand cast."""
        cast, hands = self.choices(held_round), self._hands.get(held_round, {})
        return tuple(sorted(cast[voter] for voter, one in hands.items() if one == hand))

    def digest(self, phase: int) -> str:
        """What the end of a phase commits to."""
        heads = self._heads.get(phase, {})
        return digest_of(b"".join(heads[stream] for stream in sorted(heads)))


def digest_of(heads: bytes) -> str:
    """SHA-256 in hexadecimal over the heads of the ballots' streams, 32 bytes each, in the order of their names: no
    ballot can be added, dropped or changed after the end of the phase without being noticed."""
    return hashlib.sha256(heads).hexdigest()


def counted(electorate: Electorate, ballots: Mapping[str, str]) -> Profile:
    """The profile of the last ballots of a round, by pseudonym."""
    rows: dict[tuple[str, str, str], dict[str, Fraction]] = {}
    for one in electorate.voters:
        if one.id in ballots:
            row = rows.setdefault((ballots[one.id], one.college, one.unit), {})
            for measure, figure in {"heads": Fraction(1), **one.measures}.items():
                row[measure] = row.get(measure, Fraction(0)) + figure
    return Profile(rows)
