"""What a circle may set is told in the reader's language, from one source: the words beside the rule."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from app.rules.catalogue import Catalogue
from app.rules.contract import Case, DecisionRule, Options, Step
from app.rules.offered import offered, untold
from app.rules.texts import LANGUAGES

CATALOGUE = Catalogue.load()


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Pace(Options):
    """A docstring that nobody is shown."""

    lasts: int = 1
    colour: Colour = Colour.RED


class Written(Options):
    """Another one."""

    way: Literal["long", "short"] = "short"
    only: Literal["one"] | None = None
    steps: tuple[Pace, ...] = ()
    named: Annotated[dict[str, Pace], Field(default_factory=dict)]
    step: Annotated[Pace | None, Field(description="In code.")] = None


class Way(DecisionRule):
    Options = Written

    def after(self, case: Case) -> Step:
        return None


WORDS: dict[str, Any] = {
    "title": "A way",
    "description": "How it is gone.",
    "options": {
        "way": {"title": "Which way", "help": "The short one.", "values": {"long": "The long one", "short": "Short"}},
        "only": {"title": "Only", "help": "One.", "values": {"one": "One"}},
        "steps": {
            "title": "Steps",
            "help": "One by one.",
            "parts": {
                "lasts": {"title": "Length", "help": "In paces."},
                "colour": {"title": "Colour", "help": "Of the stones.", "values": {"red": "Red", "green": "Green"}},
            },
        },
    },
}
BARE = {"title": "A way", "description": "How it is gone."}


def models(options: type[BaseModel]) -> set[type[BaseModel]]:
    """A shape and every shape inside it."""
    found, waiting = set[type[BaseModel]](), [options]
    while waiting:
        model = waiting.pop()
        found.add(model)
        waiting += _inside([info.annotation for info in model.model_fields.values()])
    return found


def _inside(annotations: list[Any]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    for one in annotations:
        if isinstance(one, type) and issubclass(one, BaseModel):
            found.append(one)
        found += _inside(list(getattr(one, "__args__", ())))
    return found


@pytest.mark.parametrize("rule", CATALOGUE.rules(), ids=lambda rule: f"{rule.slug}_{rule.version}")
class TestEveryRule:
    def test_its_options_are_told_in_both_languages(self, rule: type[DecisionRule]) -> None:
        told = [offered(rule, CATALOGUE.texts(rule.slug, rule.version, language)) for language in LANGUAGES]
        assert [list(untold(one)) for one in told] == [[], []]
        english, french = (one["properties"] for one in told)
        assert set(english) == set(rule.Options.model_fields)
        for name in english:
            assert english[name]["description"] != french[name]["description"], name

    def test_code_tells_nothing_beside_them(self, rule: type[DecisionRule]) -> None:
        described = [
            f"{model.__name__}.{name}"
            for model in models(rule.Options)
            for name, info in model.model_fields.items()
            if info.description is not None
        ]
        assert described == []


class TestInTheReadersWords:
    def test_titles_helps_and_values(self) -> None:
        told = offered(Way, WORDS)
        assert (told["title"], told["description"]) == ("A way", "How it is gone.")
        assert told["properties"]["way"] == {
            "title": "Which way",
            "description": "The short one.",
            "default": "short",
            "type": "string",
            "oneOf": [{"const": "long", "title": "The long one"}, {"const": "short", "title": "Short"}],
        }
        one, nothing = told["properties"]["only"]["anyOf"]
        assert (one["oneOf"], nothing) == ([{"const": "one", "title": "One"}], {"type": "null"})

    def test_shapes_stand_where_they_are_used(self) -> None:
        told = offered(Way, WORDS)
        assert "$defs" not in told
        step = told["properties"]["steps"]["items"]
        assert step["properties"]["lasts"] == {
            "title": "Length",
            "description": "In paces.",
            "default": 1,
            "type": "integer",
        }
        assert [one["title"] for one in step["properties"]["colour"]["oneOf"]] == ["Red", "Green"]
        assert "description" not in step, "what a shape is called in code is nothing to read"
        assert set(told["properties"]["named"]["additionalProperties"]["properties"]) == {"lasts", "colour"}

    def test_without_words_nothing_is_said_and_all_of_it_is_missed(self) -> None:
        bare = offered(Way, BARE)["properties"]
        assert bare["way"]["oneOf"] == [{"const": "long"}, {"const": "short"}]
        assert not any(bare[name].keys() & {"title", "description"} for name in bare)
        assert list(untold(offered(Way, WORDS))) == [
            "options.named.title",
            "options.named.help",
            *(f"options.named.parts.{part}.{word}" for part in ("lasts", "colour") for word in ("title", "help")),
            "options.named.parts.colour.values.red",
            "options.named.parts.colour.values.green",
            "options.step.title",
            "options.step.help",
            *(f"options.step.parts.{part}.{word}" for part in ("lasts", "colour") for word in ("title", "help")),
            "options.step.parts.colour.values.red",
            "options.step.parts.colour.values.green",
        ]

    def test_a_rule_within_a_rule_is_told_once_for_all(self) -> None:
        for language, title in (("en", "Rule that decides"), ("fr", "Règle qui décide")):
            words = CATALOGUE.texts("delayed", 1, language)  # type: ignore[arg-type]
            inner = offered(CATALOGUE.get("delayed"), words)["properties"]["inner"]
            assert inner["title"] == title
            assert {"rule", "version", "options", "reference_digest"} == set(inner["properties"])
