"""The options of a rule as its page shows them: what each may be, what it is unless set, and what that means."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from app.foundation.language import Language
from app.rules.contract import Inner
from app.rules.figures import CALENDAR, CLOCK, SHARE
from tests.markdown import table
from tests.rulebook.rules import Told
from tests.rulebook.wording import lasting, pair, say

Schema = Mapping[str, Any]

_PATTERNS: Final = {f"^{known.pattern}$": name for known, name in ((SHARE, "share"), (CLOCK, "duration"))} | {
    f"^{CALENDAR.pattern}$": "period"
}
_TYPES: Final = {"null": "empty", "boolean": "boolean"}
_SEVERAL: Final = {"array": ("list", "items"), "object": ("mapping", "additionalProperties")}
_INNER: Final = Inner.__name__


def option_tables(told: Told) -> Iterator[str]:
    """All options of a rule in a table, and a table for each shape inside one of them."""
    schema = told.rule.Options.model_json_schema()
    words, inside = told.words.get("options", {}), schema.get("$defs", {})
    own = _own_first(told, schema["properties"])
    yield from _table(told.language, {"properties": own}, inside, words)
    for name, option in own.items():
        for shape in _shapes(option):
            if shape != _INNER:
                yield from ("", say("of", told.language, name=name), "")
                titles = words.get(name, {}).get("values", {})
                known = {part: {"title": titles[part]} for part in inside[shape]["properties"] if part in titles}
                yield from _table(told.language, inside[shape], inside, known)


def chosen(told: Told, options: Mapping[str, Any]) -> str:
    """Options that were set, in words: those of a rule within the rule behind its title."""
    words = told.words.get("options", {})
    schema = told.rule.Options.model_json_schema()["properties"]
    said = []
    for name, value in options.items():
        title = words.get(name, {}).get("title", name)
        value_said = _value(told, schema[name], words.get(name, {}).get("values", {}), value)
        said.append(pair(title, value_said, told.language))
    return say("semicolon", told.language).join(said)


def _own_first(told: Told, options: Schema) -> Schema:
    """What the rule adds to its family's options, then those."""
    shared = {name for family in told.rule.Options.__mro__[1:] for name in getattr(family, "model_fields", ())}
    return {name: options[name] for name in sorted(options, key=shared.__contains__)}


def _table(language: Language, schema: Schema, inside: Schema, words: Schema) -> Iterator[str]:
    options = schema.get("properties", {})
    translated = all("help" in words.get(name, {}) for name in options)
    told = "description" if translated else "in_english"
    head = [say(name, language) for name in ("option", "kind", "default", told)]
    rows = []
    for name, option in options.items():
        said = words.get(name, {})
        values = said.get("values", {})
        shown = pair(f"`{name}`", said["title"], language) if "title" in said else f"`{name}`"
        kind = _kind(language, option, inside, values)
        rows.append((shown, kind, _default(language, option, values), said.get("help", option.get("description", ""))))
    yield from table(head, rows)


def _kind(language: Language, option: Schema, inside: Schema, values: Schema) -> str:
    """What may be written there."""
    if "anyOf" in option:
        kinds = [_kind(language, one, inside, values) for one in option["anyOf"]]
        return say("or", language).join(kinds)
    allowed = _allowed(option)
    if allowed:
        of = ", ".join(f"`{one}` ({values[one]})" if one in values else f"`{one}`" for one in allowed)
        return say("choice", language, of=of)
    if "$ref" in option:
        return say("inner" if _named(option) == _INNER else "below", language)
    if option.get("type") in _SEVERAL:
        several, part = _SEVERAL[option["type"]]
        return say(several, language, of=_kind(language, option[part], inside, values))
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


def _default(language: Language, option: Schema, values: Schema) -> str:
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
            return f"`{one}`" + (f" ({values[one]})" if one in values else "")


def _value(told: Told, option: Schema, values: Mapping[str, str], value: Any) -> str:
    """A value that was set, as people say it."""
    match value:
        case {"rule": _}:
            return _within(told, Inner.model_validate(value))
        case dict():
            parts = (f"{values.get(name, name)} {_value(told, {}, values, one)}" for name, one in value.items())
            return ", ".join(parts)
        case [_, *_]:
            return " / ".join(_value(told, option.get("items", {}), values, one) for one in value)
    return values[value] if isinstance(value, str) and value in values else _figure(value, told.language)


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


def _allowed(option: Schema) -> tuple[str, ...]:
    return tuple(map(str, option.get("enum", (option["const"],) if "const" in option else ())))


def _named(option: Schema) -> str:
    return str(option["$ref"]).rpartition("/")[2]


def _shapes(option: Schema) -> Iterator[str]:
    """The names of the shapes that an option holds."""
    if "$ref" in option:
        yield _named(option)
    parts = [*option.get("anyOf", ()), option.get("items"), option.get("additionalProperties")]
    for part in parts:
        if isinstance(part, Mapping):
            yield from _shapes(part)
