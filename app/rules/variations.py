"""The same case told otherwise: under other names, in another order, with an intruder. A rule must not care."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.rules import papers
from app.rules.canonical import Json, canonical_bytes, case_from_json, outcome_from_json, phase_from_json, to_json
from app.rules.case import ACTS_ON_THE_ENGINE, Case, Floor, Held, Outcome, Phase, Step, Word
from app.rules.contract import DecisionRule
from app.rules.driver import Process
from app.rules.electorate import Electorate

OUTSIDER = "outsider"

NAMES_OF_PEOPLE = ("ids", "barring", "present")
"""Lists that are kept in the order of names."""


def renaming(electorate: Electorate) -> dict[str, str]:
    """Other names for everybody, which sort the other way round."""
    return {voter.id: f"q{place:03}" for place, voter in enumerate(reversed(electorate.voters), start=1)}


def renamed(case: Case, names: Mapping[str, str]) -> Case:
    """The case under other names, which sort the other way round, with the rows of ballots in the opposite order."""
    return turned(case_from_json(_with_names(to_json(case), names)))


def renamed_bytes(step: Step, names: Mapping[str, str]) -> bytes:
    """The canonical JSON of a step under other names."""
    return canonical_bytes(_with_names(to_json(step), names))


def turned(case: Case) -> Case:
    """The case with the rows of ballots in the opposite order; voters have none but that of their ids."""
    return replace(case, held=tuple(_turned(held) for held in case.held))


def intruded(case: Case) -> Iterator[Case]:
    """The case with a word of an outsider in its last phase, for each word that an elector could have said there, and
    with an outsider on the roll of those present."""
    if case.now is None:
        return
    yield _with_last(case, replace(case.now, present=(case.now.present or frozenset()) | {OUTSIDER}))
    for floor in case.now.phase.floors:
        is_word = case.now.phase.yields == "words" and floor.who.what == "electors"
        if is_word and floor.form not in ACTS_ON_THE_ENGINE:
            for value in floor.among or ("x",):
                word = Word("x99999", OUTSIDER, floor.form, value, case.now.phase.subject, case.now.latest)
                yield _with_last(case, replace(case.now, words=(*case.now.words, word)))


def keeps_sealed(step: Step) -> bool:
    """Whether a step leaves what was said before it under the seal of the round that it carries on."""
    return isinstance(step, Phase) and step.carries and step.sight != "open" and not step.reveals


def said_otherwise(case: Case) -> Iterator[Case]:
    """The case with one word of its last phase turned into another that the same floor allows, for each of them, where
    that phase is sealed."""
    now = case.now
    if now is None or now.phase.sight == "open":
        return
    for place, word in enumerate(now.words):
        floors = (floor for floor in now.phase.floors if floor.form == word.form)
        if word.form not in ACTS_ON_THE_ENGINE:
            for value in {value: None for floor in floors for value in floor.among if value != word.value}:
                other = replace(word, value=value)
                yield _with_last(case, replace(now, words=(*now.words[:place], other, *now.words[place + 1 :])))


def read_back(step: Step) -> Step:
    """The step as it is read from what was written."""
    if isinstance(step, Phase):
        return phase_from_json(to_json(step))
    return outcome_from_json(to_json(step)) if isinstance(step, Outcome) else None


def rerun(process: Process) -> Process:
    """The same process from its beginning."""
    return Process(
        process.rule,
        process.electorate,
        process.proposer,
        process.offices,
        process.forums,
        on_ballot=process.on_ballot,
    )


def other_options(case: Case, order: Sequence[str] = ()) -> tuple[Case, dict[str, str]]:
    """The case with other ids for the options on the ballot, and who is who; these sort in this order, else the other
    way round."""
    in_order = order or sorted(case.on_ballot, reverse=True)
    names = {one: f"option_{place:03}" for place, one in enumerate(in_order, start=1)}
    return replace(
        case,
        on_ballot=tuple(names[one] for one in reversed(case.on_ballot)),
        held=tuple(_with_options(held, names) for held in case.held),
    ), names


def other_rule(rule: DecisionRule, names: Mapping[str, str]) -> DecisionRule:
    """The rule with other ids for the options on the ballot that its own options name."""
    pinned = rule.options.model_dump(mode="json")
    told = {name: names.get(one, one) if isinstance(one, str) else one for name, one in pinned.items()}
    return rule if told == pinned else type(rule)(type(rule.options).model_validate(told), rule.inner)


def _with_options(held: Held, names: Mapping[str, str]) -> Held:
    floors = tuple(replace(floor, among=_among(floor, names)) for floor in held.phase.floors)
    words = tuple(replace(word, value=names.get(word.value, word.value)) for word in held.words)
    held = replace(held, phase=replace(held.phase, floors=floors), words=words)
    papers_ = [floor.paper for floor in floors if floor.paper is not None]
    if not papers_ or held.profile is None:
        return held
    rows = {
        (papers.renamed(papers_[0], ballot, names), college, unit): sums
        for (ballot, college, unit), sums in held.profile.rows.items()
    }
    own = held.by_proposer and tuple(papers.renamed(papers_[0], ballot, names) for ballot in held.by_proposer)
    return replace(held, profile=replace(held.profile, rows=rows), by_proposer=own)


def _among(floor: Floor, names: Mapping[str, str]) -> tuple[str, ...]:
    among = tuple(names.get(one, one) for one in floor.among)
    return among if floor.paper is None else among[::-1]


def _with_names(shape: Json, names: Mapping[str, str]) -> Json:
    if isinstance(shape, dict):
        named = {key: _with_names(content, names) for key, content in shape.items()}
        return {key: sorted(named[key]) if _is_of_people(key, shape[key], names) else named[key] for key in named}
    if isinstance(shape, list):
        return [_with_names(item, names) for item in shape]
    return names.get(shape, shape) if isinstance(shape, str) else shape


def _is_of_people(key: str, content: Json, names: Mapping[str, str]) -> bool:
    """Whether a list is kept in the order of names: one of people, or of answers among which there are people."""
    return key in NAMES_OF_PEOPLE or (key == "among" and any(one in names for one in content))


def _turned(held: Held) -> Held:
    profile = held.profile and replace(held.profile, rows=dict(reversed(tuple(held.profile.rows.items()))))
    return replace(held, profile=profile)


def _with_last(case: Case, held: Held) -> Case:
    return replace(case, held=(*case.held[:-1], held))
