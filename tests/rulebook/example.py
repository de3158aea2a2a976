"""A reference case told as a story, with its outcome as a reader of the service sees it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from app.rules import texts
from app.rules.canonical import Json, outcome_from_json
from app.rules.contract import Case, Held, Outcome, Reason, Word
from app.rules.figures import plain
from tests.markdown import table
from tests.rulebook.options import chosen
from tests.rulebook.rules import Told
from tests.rulebook.wording import known, lasting, pair, say

FEW: Final = 12
"""So many people are named one by one."""


def story(told: Told, vector: Json) -> Iterator[str]:
    """Who decides under which options, what is said phase by phase, and how it ends."""
    case = told.case(vector)
    yield from ("", " ".join(_setting(told, vector, case)))
    yield ""
    for number in range(1, len(case.held) + 1):
        yield from _phase(told, vector, case, number)
    if vector["step"] and "verdict" in vector["step"]:
        yield from _outcome(told, vector, outcome_from_json(vector["step"]))


def _setting(told: Told, vector: Json, case: Case) -> Iterator[str]:
    language = told.language
    yield say("people", language, people=len(case.electorate), proposer=case.proposer)
    colleges = Counter(voter.college for voter in case.electorate.voters if voter.college)
    if colleges:
        apart = ", ".join(
            say("college", language, name=name, people=say("heads", language, people=number))
            for name, number in sorted(colleges.items())
        )
        yield f"{apart[0].upper()}{apart[1:]}."
    set_ = chosen(told, vector["options"])
    yield say("set", language, options=set_) if set_ else say("unset", language)
    if case.on_ballot:
        yield say("on_ballot", language, options=", ".join(case.on_ballot))


def _phase(told: Told, vector: Json, case: Case, number: int) -> Iterator[str]:
    language, held, words = told.language, case.held[number - 1], told.words_for(vector)
    phase = held.phase
    title = words.get("phases", {}).get(phase.kind, {}).get("title", phase.kind)
    yield f"{number}. **{title} ({lasting(phase.lasts, language)})**"
    for reason in phase.reasons:
        yield f"   - *{_sentence(told, vector, reason)}*"
    said = list(_ballots(words, held) if phase.yields == "profile" else _words(told, words, case, held))
    for one in said or [say("nothing", language)]:
        yield f"   - {one}"
    if held.ended is not None:
        yield f"   - {say(held.ended, language)}"


def _ballots(words: Mapping[str, Any], held: Held) -> Iterator[str]:
    """How many cast each ballot, by college, with what they weigh together."""
    sums: dict[tuple[str, str], dict[str, Fraction]] = {}
    for (ballot, college, _), measures in (held.profile.rows if held.profile else {}).items():
        row = sums.setdefault((ballot, college), {})
        for name, figure in measures.items():
            row[name] = row.get(name, Fraction(0)) + figure
    form = held.phase.floors[0].form
    for (ballot, college), row in sorted(sums.items(), key=lambda one: (-one[1]["heads"], one[0])):
        weights = ", ".join(f"{name} {plain(figure)}" for name, figure in sorted(row.items()) if name != "heads")
        beside = ", ".join(part for part in (college, weights) if part)
        yield f"{plain(row['heads'])} × {_said(words, form, ballot)}" + (f" ({beside})" if beside else "")


def _words(told: Told, words: Mapping[str, Any], case: Case, held: Held) -> Iterator[str]:
    """What was said, those who said the same together, in the order in which it was first said."""
    spoken = {word.ref: word for one in case.held for word in one.words}
    alike: dict[tuple[str, str, str | None], list[Word]] = {}
    for word in held.words:
        alike.setdefault((word.form, word.value, word.about), []).append(word)
    for (form, value, about), same in alike.items():
        title = words.get("forms", {}).get(form, {}).get("title", form)
        names = ", ".join(_name(told, word.by) for word in same) if len(same) <= FEW else str(len(same))
        on = f" ({say('about', told.language, by=_name(told, spoken[about].by))})" if about in spoken else ""
        yield pair(title, pair(f"{_said(words, form, value)}{on}", names, told.language), told.language)


def _outcome(told: Told, vector: Json, outcome: Outcome) -> Iterator[str]:
    language, words = told.language, told.words_for(vector)
    verdict = say(outcome.verdict, language)
    if outcome.winners:
        verdict = pair(verdict, ", ".join(outcome.winners), language)
    lasts = f" ({lasting(outcome.lasts, language)})" if outcome.lasts else ""
    yield from ("", f"**{pair(say('end', language), verdict, language)}**{lasts}", "")
    for reason in outcome.reasons:
        yield f"- {_sentence(told, vector, reason)}"
    for name, rows in outcome.tables.items():
        title = words.get("tables", {}).get(name, {}).get("title", name)
        yield from ("", f"*{title}*", "")
        cells = [[_cell(words, content) for content in row] for row in rows]
        yield from table(cells[0], cells[1:])


def _sentence(told: Told, vector: Json, reason: Reason) -> str:
    rule = told.rule
    return told.catalogue.sentence(rule.slug, rule.version, reason, told.language, told.pinned(vector))


def _cell(words: Mapping[str, Any], content: Any) -> str:
    """A code in words, and an option under its own name."""
    try:
        return texts.cell(words, content)
    except texts.MissingText:
        return str(content)


def _said(words: Mapping[str, Any], form: str, value: str) -> str:
    found: str | None = words.get("forms", {}).get(form, {}).get("values", {}).get(value)
    return f"`{value}`" if found is None else found


def _name(told: Told, by: str) -> str:
    forum, _, name = by.rpartition(":")
    return say(name, told.language) if forum and known(name) else by
