"""A page for each rule that is installed, in both languages, and a page that leads to them.

The rules themselves say almost all of it: their options, their words and their reference vectors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.foundation.language import LANGUAGES, Language
from app.rules.catalogue import Catalogue
from app.rules.contract import Floor, Paper
from tests.markdown import NOTE, table
from tests.rulebook.example import story
from tests.rulebook.options import option_tables
from tests.rulebook.rules import Told
from tests.rulebook.wording import known, pair, say

DEEPER: Final = "{slug}-step-by-step.md"
"""A page beside the generated ones that somebody has written about a rule."""
_FACT: Final = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


def documents(folder: Path, catalogue: Catalogue | None = None) -> dict[Path, str]:
    """The page of every rule, and the one that leads to them."""
    installed = Catalogue.load() if catalogue is None else catalogue
    slugs = sorted({rule.slug for rule in installed.rules()})
    pages = {folder / f"{slug}.md": _page(installed, slug, folder) for slug in slugs}
    return {folder / "README.md": _index(installed, slugs), **pages}


def template(sentence: str) -> str:
    """A sentence as it is written down, with its facts in view: of several forms, the one for many."""

    def shown(found: re.Match[str]) -> str:
        name, forms = f"`{found[1]}`", (found[2] or "#").rpartition("|")[2]
        return forms.replace("#", name)

    while (inside_out := _FACT.sub(shown, sentence)) != sentence:
        sentence = inside_out
    return sentence


def _page(catalogue: Catalogue, slug: str, folder: Path) -> str:
    newest = [rule for rule in reversed(catalogue.rules()) if rule.slug == slug]
    parts = [NOTE]
    for language in LANGUAGES:
        for rule in newest:
            parts += _told(Told(catalogue, rule, language), folder)
    return "\n".join(parts) + "\n"


def _told(told: Told, folder: Path) -> Iterator[str]:
    words, language, rule = told.words, told.language, told.rule
    yield from ("", f"# {words['title']}", "", words["description"], "")
    digest = told.catalogue.reference_digest(rule.slug, rule.version)
    yield say("pinned", language, slug=rule.slug, version=rule.version, digest=digest)
    deeper = DEEPER.format(slug=rule.slug)
    if (folder / deeper).exists():
        yield from ("", say("more", language, page=deeper))
    yield from ("", f"## {say('said', language)}", "")
    if rule.wraps():
        yield from (say("within", language), "")
    yield from table((say(name, language) for name in ("form", "who", "values")), _spoken(told))
    yield from ("", f"## {say('options', language)}", "")
    yield from option_tables(told)
    yield from ("", f"## {say('sentences', language)}", "")
    yield from _sentences(told)
    if rule.claims:
        yield from ("", f"## {say('claims', language)}", "")
        yield from (f"- {_promise(claim, language)}" for claim in sorted(rule.claims))
    yield from ("", f"## {say('example', language)}")
    yield from story(told, told.vectors[0])


def _spoken(told: Told) -> Iterator[tuple[str, str, str]]:
    """Each form of the rule, who fills it in and with what, as in its reference cases."""
    asked: dict[str, list[tuple[Floor, Mapping[str, Any]]]] = {}
    for floor, words in told.floors():
        asked.setdefault(floor.form, []).append((floor, words))
    for name in sorted({*asked, *told.rule.forms}):
        floors = asked.get(name, [])
        words = (floors[0][1] if floors else told.words).get("forms", {}).get(name, {})
        who = _joined(_who(floor, told.language) for floor, _ in floors) or "–"
        yield f"{words.get('title', name)} (`{name}`)", who, _values(told, name, [floor for floor, _ in floors], words)


def _values(told: Told, name: str, floors: list[Floor], words: Mapping[str, Any]) -> str:
    paper = next((floor.paper for floor in floors if floor.paper is not None), None)
    if paper is not None:
        return _paper(paper, words, told.language)
    said = dict.fromkeys(value for floor in floors for value in floor.among)
    if name in told.rule.forms and (not floors or any(not floor.among for floor in floors)):
        said |= dict.fromkeys(told.rule.forms[name].values())
    titles = words.get("values", {})
    return _joined(f"{titles[one]} (`{one}`)" if one in titles else f"`{one}`" for one in said) or say(
        "words", told.language
    )


def _paper(paper: Paper, words: Mapping[str, Any], language: Language) -> str:
    parts = [say(paper.kind, language, low=paper.low, high=paper.high)]
    if paper.kind == "ranking" and paper.equal:
        parts.append(say("equal", language))
    if paper.kind != "one" and paper.least > 1:
        parts.append(say("least", language, least=paper.least))
    if paper.kind != "one" and paper.most is not None:
        parts.append(say("most", language, most=paper.most))
    if paper.budget is not None:
        parts.append(say("budget", language, budget=paper.budget))
    if paper.alone:
        titles = words.get("values", {})
        alone = (f"{titles[one]} (`{one}`)" if one in titles else f"`{one}`" for one in paper.alone)
        parts.append(say("or_alone", language, alone=_joined(alone)))
    return say("semicolon", language).join(parts)


def _who(floor: Floor, language: Language) -> str:
    named = floor.who.name or floor.who.what
    return say(named, language) if known(named) else named


def _sentences(told: Told) -> Iterator[str]:
    """The rule's own sentences, then those that it shares with the family that it belongs to."""
    reasons, head = told.words.get("reasons", {}), [say(name, told.language) for name in ("code", "sentence")]
    yield from table(head, ((f"`{code}`", template(reasons[code])) for code in told.own_reasons))
    shared = [code for code in reasons if code not in told.own_reasons]
    if shared:
        yield from ("", say("shared", told.language), "")
        yield from table(head, ((f"`{code}`", template(reasons[code])) for code in shared))


def _promise(claim: str, language: Language) -> str:
    return pair(f"`{claim}`", say(claim, language), language) if known(claim) else f"`{claim}`"


def _index(catalogue: Catalogue, slugs: Iterable[str]) -> str:
    parts = [NOTE]
    told = tuple(slugs)
    for language in LANGUAGES:
        parts += ["", f"# {say('rules', language)}", "", say("intro", language), ""]
        rows = (_entry(Told(catalogue, catalogue.get(slug), language)) for slug in told)
        parts += table((say(name, language) for name in ("rule", "version", "meaning", "marked")), rows)
    return "\n".join(parts) + "\n"


def _entry(told: Told) -> tuple[str, ...]:
    rule, words = told.rule, told.words
    ballots = [floor for floor, _ in told.floors() if floor.form == "ballot"]
    marked = _values(told, "ballot", ballots, words.get("forms", {}).get("ballot", {})) if ballots else "–"
    if rule.wraps():
        marked = say("as_within", told.language)
    return f"[{words['title']}]({rule.slug}.md) `{rule.slug}`", str(rule.version), words["description"], marked


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(parts))
