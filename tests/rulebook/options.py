"""The options of a rule as its page shows them: what each may be, what it is unless set, and what that means."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from app.foundation.language import Language
from app.rules.contract import Inner
from app.rules.figures import CALENDAR, CLOCK, SHARE
from app.rules.offered import Schema, inside, offered
from tests.markdown import table
from tests.rulebook.rules import Told
from tests.rulebook.wording import lasting, pair, say

_PATTERNS: Final = {f"^{known.pattern}$": name for known, name in ((SHARE, "share"), (CLOCK, "duration"))} | {
    f"^{CALENDAR.pattern}$": "period"
}
_TYPES: Final = {"null": "empty", "boolean": "boolean"}
_SEVERAL: Final = {"array": ("list", "items"), "object": ("mapping", "additionalProperties")}
_INNER: Final = frozenset(Inner.model_fields)


def option_tables(told: Told) -> Iterator[str]:
    """All options of a rule in a table, and a table for each shape inside one of them."""
    own = _own_first(told, offered(told.rule, told.words)["properties"])
    yield from _table(told.language, own)
    for name, option in own.items():
        parts = _parts(option)
        if parts and parts.keys() != _INNER:
            yield from ("", say("of", told.language, name=name), "")
            yield from _table(told.language, parts)


def chosen(told: Told, options: Mapping[str, Any]) -> str:
    """Options that were set, in words: those of a rule within the rule behind its title."""
    schema = offered(told.rule, told.words)["properties"]
    set_ = ((schema[name], value) for name, value in options.items())
    said = (pair(option["title"], _value(told, option, value), told.language) for option, value in set_)
    return say("semicolon", told.language).join(said)


def _own_first(told: Told, options: Schema) -> Schema:
    """What the rule adds to its family's options, then those."""
    shared = {name for family in told.rule.Options.__mro__[1:] for name in getattr(family, "model_fields", ())}
    return {name: options[name] for name in sorted(options, key=shared.__contains__)}


def _table(language: Language, options: Schema) -> Iterator[str]:
    yield from table(
        [say(name, language) for name in ("option", "kind", "default", "description")],
        [
            (
                pair(f"`{name}`", option["title"], language),
                _kind(language, option),
                _default(language, option),
                option["description"],
            )
            for name, option in options.items()
        ],
    )


def _kind(language: Language, option: Schema) -> str:
    """What may be written there."""
    if "anyOf" in option:
        return say("or", language).join(_kind(language, one) for one in option["anyOf"])
    if "oneOf" in option:
        of = ", ".join(f"`{value}` ({title})" for value, title in _titles(option).items())
        return say("choice", language, of=of)
    if "properties" in option:
        return say("inner" if option["properties"].keys() == _INNER else "below", language)
    if option.get("type") in _SEVERAL:
        several, part = _SEVERAL[option["type"]]
        return say(several, language, of=_kind(language, option[part]))
    return _single(language, option)


def _single(language: Language, option: Schema) -> str:
    kind = option.get("type", "")
    if kind == "integer":
        return _whole(language, option)
    return say(_TYPES.get(kind) or _PATTERNS.get(option.get("pattern", ""), "text"), language)


def _whole(language: Language, option: Schema) -> str:
    low, high = option.get("minimum"), option.get("maximum")
    if low is None:
        return say("integer", language)
    return say("from", language, low=low) if high is None else say("from_to", language, low=low, high=high)


def _default(language: Language, option: Schema) -> str:
    if "default" not in option:
        return say("required", language)
    match option["default"]:
        case None | []:
            return say("empty", language)
        case bool(is_so):
            return say("yes" if is_so else "no", language)
        case dict(shape):
            return say("below" if shape else "empty", language)
        case list(several):
            return ", ".join(f"`{one}`" for one in several)
        case one:
            titles = _titles(option)
            return f"`{one}`" + (f" ({titles[one]})" if one in titles else "")


def _value(told: Told, option: Schema, value: Any) -> str:
    """A value that was set, as people say it."""
    match value:
        case {"rule": _}:
            return _within(told, Inner.model_validate(value))
        case dict():
            return ", ".join(_part(told, option, name, one) for name, one in value.items())
        case [_, *_]:
            return " / ".join(_value(told, option.get("items", {}), one) for one in value)
    titles = _titles(option)
    return titles[value] if isinstance(value, str) and value in titles else _figure(value, told.language)


def _part(told: Told, option: Schema, name: str, value: Any) -> str:
    part = _parts(option).get(name, {})
    return f"{part.get('title', name)} {_value(told, part, value)}"


def _within(told: Told, inner: Inner) -> str:
    """A rule within the rule: its title, and how it is set."""
    found = Told(told.catalogue, told.catalogue.get(inner.rule, inner.version), told.language)
    title, settings = str(found.words["title"]), chosen(found, inner.options)
    return f"{title} ({settings})" if settings else title


def _figure(value: Any, language: Language) -> str:
    if value in (None, []):
        return say("empty", language)
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    written = str(value)
    if SHARE.fullmatch(written):
        return str(Fraction(written))
    return lasting(written, language) if CLOCK.fullmatch(written) or CALENDAR.fullmatch(written) else written


def _parts(option: Schema) -> Schema:
    """The fields of the shapes that an option holds."""
    found = dict(option.get("properties", {}))
    for one in inside(option):
        found |= _parts(one)
    return found


def _titles(option: Schema) -> Mapping[str, str]:
    """The values between which an option lets people choose, with their titles."""
    found = {str(option["const"]): option["title"]} if "const" in option else {}
    for one in inside(option):
        found |= _titles(one)
    return found
