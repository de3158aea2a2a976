"""What a rule lets a circle set, as JSON Schema in the reader's language: its words alone tell it, and no code does."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.rules.contract import DecisionRule

Schema = Mapping[str, Any]
Words = Mapping[str, Any]

_REPLACED: Final = ("title", "description", "$defs", "$ref", "enum", "const")
_WORDS: Final = {"title": "title", "help": "description"}
"""What the words of an option are called here and there."""
_ALTERNATIVES: Final = ("anyOf", "oneOf")
_SEVERAL: Final = ("items", "additionalProperties")


def offered(rule: type[DecisionRule], words: Words) -> dict[str, Any]:
    """The options of a rule as JSON Schema, in its ``words`` of one language.

    An option has its help as ``description``; values between which a circle chooses stand in ``oneOf`` with their
    titles. A shape stands where it is used, its fields told by the table ``parts`` of the option.
    """
    schema = rule.Options.model_json_schema()
    told = _kind(schema, {"parts": words.get("options", {})}, schema.get("$defs", {}))
    return {**told, "title": words["title"], "description": words["description"]}


def untold(schema: Schema, table: str = "options") -> Iterator[str]:
    """Which words options that are :func:`offered` lack, as places in the texts of their rule."""
    for name, option in schema["properties"].items():
        here = f"{table}.{name}"
        yield from (f"{here}.{word}" for word, shown in _WORDS.items() if shown not in option)
        yield from _untold_values(option, here)


def inside(schema: Schema) -> Iterator[Schema]:
    """What an option may be instead, and what it may hold."""
    for name in _ALTERNATIVES:
        yield from schema.get(name, ())
    yield from (schema[name] for name in _SEVERAL if isinstance(schema.get(name), Mapping))


def _untold_values(schema: Schema, here: str) -> Iterator[str]:
    if "const" in schema and "title" not in schema:
        yield f"{here}.values.{schema['const']}"
    if "properties" in schema:
        yield from untold(schema, f"{here}.parts")
    for one in inside(schema):
        yield from _untold_values(one, here)


def _kind(schema: Schema, words: Words, shapes: Mapping[str, Schema]) -> dict[str, Any]:
    """What may be written there, with the words of values and parts."""
    if "$ref" in schema:
        schema = {**shapes[schema["$ref"].rpartition("/")[2]], **schema}
    told = {name: content for name, content in schema.items() if name not in _REPLACED}
    if "properties" in schema:
        parts = words.get("parts", {})
        options = schema["properties"].items()
        told["properties"] = {name: _option(one, parts.get(name, {}), shapes) for name, one in options}
    for name in _ALTERNATIVES:
        if name in schema:
            told[name] = [_kind(one, words, shapes) for one in schema[name]]
    for name in _SEVERAL:
        if isinstance(schema.get(name), Mapping):
            told[name] = _kind(schema[name], words, shapes)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return {**told, "oneOf": [_value(one, words) for one in values]} if values else told


def _option(schema: Schema, words: Words, shapes: Mapping[str, Schema]) -> dict[str, Any]:
    return {**{shown: words[word] for word, shown in _WORDS.items() if word in words}, **_kind(schema, words, shapes)}


def _value(value: Any, words: Words) -> dict[str, Any]:
    titles = words.get("values", {})
    return {"const": value, **({"title": titles[str(value)]} if str(value) in titles else {})}
