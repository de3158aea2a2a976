"""Every installed rule counts a file or says why it cannot: its own reference cases, written into a file and read."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from typing import Any, get_args

import pytest

from app.formats.apart import HEADS, Electors, by_ballot, told_apart
from app.formats.ballots import Author, Ballots
from app.formats.files import Format
from app.formats.malformed import Unfit
from app.formats.recount import count, kind_needed
from app.foundation.language import LANGUAGES
from app.rules import vectors
from app.rules.canonical import canonical_bytes, case_from_json
from app.rules.contract import Case, DecisionRule, Held, Outcome
from app.rules.electorate import Voter
from app.rules.papers import ALONE, BadBallot
from tests.formats.world import again, catalogue, read_text

FORMATS: tuple[Format, ...] = get_args(Format)
UNANSWERED = {"consent", "lazy_consensus", "selection", "sortition", "sponsored"}
"""Rules none of whose cases is one ballot and what follows from it."""
FILES = {
    "csv": "ballot,count\nfor,18\nagainst,14\nabstain,8\n",
    "blt": '3 2\n4 1 2 0\n3 3 2 0\n1 0\n0\n"Ann"\n"Bob"\n"Chloé"\n"Board"\n',
    "abif": "5:a/5,b/3,c/0\n4:b/5,c/4\n",
    "json": '{"ballots":[["a,b",3],["c",2]],"format":"cercle-ballots","kind":"approval",'
    '"options":{"a":"A","b":"B","c":"C"},"version":1}',
}


def slugs() -> list[str]:
    return sorted({rule.slug for rule in catalogue().rules()})


def cases(slug: str) -> Iterator[tuple[DecisionRule, Case, Any]]:
    """The reference cases of a rule: as it was bound, what was held, and what follows."""
    rule = catalogue().get(slug)
    beside = files(rule.__module__.rpartition(".")[0]).joinpath(f"{rule.__module__.rpartition('.')[2]}.vectors.json")
    for one in vectors.read(beside.read_text("utf-8")):
        yield catalogue().bind(slug, rule.version, one["options"]), case_from_json(one["case"]), one["step"]


def in_a_file(case: Case, ballot: Held, step: Any) -> Ballots:
    """The ballots of a case with everybody who could cast them, through the reference and back."""
    assert ballot.profile is not None
    floor = ballot.phase.floors[0]
    cells = {cell: sums for cell, sums in ballot.profile.rows.items() if sums[HEADS]}
    there = Counter(_kind(voter) for voter in ballot.electorate.voters)
    everybody = Counter(_kind(voter) for voter in case.electorate.voters)
    electors = [Electors(Voter("", *_like(kind)), number, number - there[kind]) for kind, number in everybody.items()]
    codes: dict[str, Author] = {"author_alone": "alone", "perhaps_author_alone": "perhaps_alone"}
    reasons = [reason["code"] for reason in (step or {}).get("reasons", ())]
    made = Ballots(
        {one: one for one in floor.among if one not in ALONE},
        by_ballot(cells),
        "one" if floor.paper is None else floor.paper.kind,
        apart=cells if told_apart(cells) else None,
        electors=tuple(sorted(electors, key=lambda one: one.kind)),
        author=next((codes[code] for code in reasons if code in codes), None),
    )
    assert again(made, "json") == made
    return made


def is_one_ballot(case: Case, step: Any) -> bool:
    """Whether nothing but ballots in one urn, and time, came before the outcome; nobody being there in person."""
    votes = [held for held in case.held if held.phase.yields == "profile"]
    others = [held for held in case.held if held.phase.yields != "profile" and held.phase.kind != "drawing"]
    spoken = any(held.words for held in others)
    alone = sum(not held.phase.carries for held in votes) == 1
    return bool(step and "verdict" in step and alone and not spoken and all(held.present is None for held in votes))


@pytest.mark.parametrize("slug", slugs())
def test_its_reference_cases_come_to_the_same_outcome(slug: str) -> None:
    same = 0
    for rule, case, step in cases(slug):
        if not is_one_ballot(case, step):
            continue
        seed = next((word.value for held in case.held for word in held.words if word.form == "seed"), None)
        votes = [held for held in case.held if held.profile is not None]
        found = in_a_file(case, votes[-1], step)
        outcome = _counted(rule, found, seed)
        if outcome is not None:
            assert canonical_bytes(outcome) == canonical_bytes(step), slug
            same += 1
    assert (same > 0) is (slug not in UNANSWERED), slug


@pytest.mark.parametrize("slug", slugs())
def test_it_counts_any_file_or_says_why_not(slug: str) -> None:
    told = set[str]()
    for rule, _, _ in cases(slug):
        for written_in in FORMATS:
            told.add(_tried(rule, read_text(FILES[written_in], written_in)))
            told.add(_tried(rule, read_text(FILES[written_in], written_in, "ranking")))
    assert told


def _tried(rule: DecisionRule, found: Ballots) -> str:
    """The verdict, or the sentence in which the file is refused."""
    kind_needed(rule, found)
    try:
        outcome = count(rule, found, "seed")
    except Unfit as unfit:
        for language in LANGUAGES:
            said = unfit.said(language)
            assert said.endswith(".")
            assert not {"{", "}"} & set(said)
        return unfit.said("en")
    except BadBallot as bad:
        return bad.code
    assert isinstance(outcome, Outcome)
    return outcome.verdict


def _counted(rule: DecisionRule, found: Ballots, seed: str | None) -> Outcome | None:
    """The outcome; nothing where the rule asks for more than one ballot."""
    try:
        return count(rule, found, seed)
    except Unfit as unfit:
        if unfit.code != "other_steps":
            raise
        return None


def _kind(voter: Voter) -> tuple[Any, ...]:
    weights = {name: figure for name, figure in voter.measures.items() if name != HEADS}
    return voter.college, voter.unit, tuple(sorted(weights.items())), voter.recused


def _like(kind: tuple[Any, ...]) -> tuple[str, str, dict[str, Fraction], Any]:
    college, unit, weights, recused = kind
    return college, unit, dict(weights), recused
