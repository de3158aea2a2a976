"""Everything that a rule can say has words in both languages, found in its source and not by luck."""

import ast
import re
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.foundation.language import has_text
from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.consent_1_objections import OPEN, Status
from app.rules.builtin.consent_1_register import ENDED, STANDS_AGAIN
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule, Reason
from app.rules.texts import LANGUAGES, MissingText, cell, decimal, in_language

ALL: tuple[type[DecisionRule], ...] = Catalogue.load().rules()


def sources(rule: type[DecisionRule]) -> str:
    names = [one for one in files("app.rules.builtin").iterdir() if one.name.startswith(f"{rule.slug}_{rule.version}")]
    texts = [one.read_text(encoding="utf-8") for one in names if one.name.endswith(".py")]
    return "\n".join(texts)


def called_with(source: str, name: str) -> Iterator[str]:
    """Every string that may be the first argument of a call, through conditional expressions and local names."""
    tree = ast.parse(source)
    assigned: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, set()).update(strings(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and node.args:
            first = node.args[0]
            yield from assigned.get(first.id, ()) if isinstance(first, ast.Name) else strings(first)


def strings(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return strings(node.body) | strings(node.orelse)
    return set()


def values(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("enum", ())) | {schema["const"]} if "const" in schema else set(schema.get("enum", ()))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule.slug}_{rule.version}")
class TestEveryRuleHasWords:
    """What the conformance suite does not meet: facts that one language says and the other does not."""

    def words(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> Any:
        return catalogue.texts(rule.slug, rule.version, language)

    def test_rule(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> None:
        words = self.words(catalogue, rule, language)
        assert words["title"]
        assert words["description"]

    def test_the_same_facts_in_both_languages(
        self, catalogue: Catalogue, rule: type[DecisionRule], language: Any
    ) -> None:
        named = {
            other: {
                code: set(re.findall(r"{(\w+)", text))
                for code, text in self.words(catalogue, rule, other)["reasons"].items()
            }
            for other in LANGUAGES
        }
        assert named["en"] == named["fr"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", [Consent])
class TestConsentHasWordsForAllThatItsSourceNames:
    def words(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> Any:
        return catalogue.texts(rule.slug, rule.version, language)

    def test_phases(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> None:
        kinds = set(called_with(sources(rule), "Phase"))
        phases = self.words(catalogue, rule, language)["phases"]
        assert kinds == set(phases)
        assert all(phase["title"] and phase["help"] for phase in phases.values())

    def test_forms_and_values(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> None:
        forms = self.words(catalogue, rule, language)["forms"]
        assert set(forms) == set(rule.forms)
        for name, form in rule.forms.items():
            expected = values(form.model_json_schema()["properties"]["value"])
            assert set(forms[name].get("values", ())) == expected, name

    def test_reasons(self, catalogue: Catalogue, rule: type[DecisionRule], language: Any) -> None:
        codes = set(called_with(sources(rule), "Reason"))
        policies = rule.Options.model_json_schema()["properties"]["silence_policy"]["enum"]
        codes |= {*ENDED.values(), *STANDS_AGAIN.values(), *policies}
        reasons = self.words(catalogue, rule, language)["reasons"]
        assert codes == set(reasons)


def test_statuses_of_objections(catalogue: Catalogue) -> None:
    for language in LANGUAGES:
        statuses = catalogue.texts("consent", 1, language)["matters"]["objection"]["statuses"]
        assert set(statuses) == set(Status.__args__)  # type: ignore[attr-defined]
        assert set(OPEN) < set(statuses)


def test_a_text_in_one_language_only_is_refused() -> None:
    with pytest.raises(MissingText, match=r"no text for phases\.a\.title in fr"):
        in_language({"phases": {"a": {"title": {"en": "A"}}}}, "fr")


def test_what_is_wrong_with_options_is_said_in_both_languages() -> None:
    """Every code that a rule or the catalogue finds wrong has a sentence; pydantic's own are the foundation's."""
    room = Path(str(files("app.rules")))
    wrong = re.compile(r'(?:PydanticCustomError\(|OptionError\([^,]+,)\s*"(\w+)"')
    raised = {code for one in sorted(room.rglob("*.py")) for code in wrong.findall(one.read_text(encoding="utf-8"))}
    assert len(raised) > 20, "the sources have moved, and this test with them"
    assert sorted(code for code in raised if not has_text(f"fault.{code}")) == []


@pytest.mark.parametrize(
    ("figure", "language", "said"),
    [
        (Fraction("28.5435"), "en", "28.54350"),
        (Fraction("28.5435"), "fr", "28,54350"),
        (Fraction("0.0005"), "en", "0.00050"),
        (Fraction("-1.5"), "fr", "-1,50000"),
        (Fraction(34), "en", "34"),
        (34, "fr", "34"),
        (Fraction(1, 3), "fr", "1/3"),
    ],
)
def test_a_figure_with_decimals_is_never_rounded(figure: int | Fraction, language: Any, said: str) -> None:
    assert decimal(figure, 5, language) == said


class TestACountInFiveDecimals:
    """Sentences and tables show decimals, whatever rule stands around the count; what is recorded stays exact."""

    REASON = Reason("fell_short", {"options": "b", "votes": Fraction("28.5435"), "missing": Fraction("5.4565")})
    COUNT: ClassVar[dict[str, Any]] = {"rule": "stv", "version": 1, "options": {"arithmetic": "five_decimals"}}
    EXACT: ClassVar[dict[str, Any]] = {**COUNT, "options": {"arithmetic": "exact"}}

    def test_sentences(self, catalogue: Catalogue) -> None:
        def said(language: Any, rule: dict[str, Any]) -> str:
            return catalogue.sentence(rule["rule"], rule["version"], self.REASON, language, rule["options"])

        around = {"rule": "delayed", "version": 1, "options": {"inner": self.COUNT}}
        english = "Nearest without a seat: b, with 28.54350 votes, 5.45650 short of the quota in the last round."
        assert said("en", self.COUNT) == said("en", around)
        assert said("en", self.COUNT).startswith(english)
        assert "avec 28,54350 voix, à 5,45650 du quotient" in said("fr", self.COUNT)
        assert "57087/2000" in said("en", self.EXACT)

    def test_tables(self, catalogue: Catalogue) -> None:
        def shown(language: Any, rule: dict[str, Any]) -> str:
            return cell(catalogue.texts(rule["rule"], rule["version"], language, rule["options"]), Fraction("0.0005"))

        assert (shown("en", self.COUNT), shown("fr", self.COUNT)) == ("0.00050", "0,00050")
        assert shown("fr", self.EXACT) == "1/2000"
