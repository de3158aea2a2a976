"""A rule as its pages read it: what lies beside its module, and its words in one language."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from app.foundation.language import Language
from app.rules import vectors
from app.rules.canonical import Json, case_from_json, phase_from_json
from app.rules.catalogue import Catalogue
from app.rules.contract import Case, DecisionRule, Floor


@dataclass(frozen=True)
class Told:
    """One version of a rule, told in one language."""

    catalogue: Catalogue
    rule: type[DecisionRule]
    language: Language

    @property
    def words(self) -> Mapping[str, Any]:
        """Its own words, without those of rules that its options may put within it."""
        return self.catalogue.texts(self.rule.slug, self.rule.version, self.language)

    @cached_property
    def vectors(self) -> list[Json]:
        """Its reference vectors."""
        return vectors.read(self._beside("vectors.json"))

    @cached_property
    def own_reasons(self) -> tuple[str, ...]:
        """The codes for which it brings words itself, in its order."""
        return tuple(tomllib.loads(self._beside("texts.toml")).get("reasons", {}))

    def pinned(self, vector: Json) -> dict[str, Any]:
        """The options of a vector, complete."""
        options = self.catalogue.options(self.rule.slug, self.rule.version, vector["options"])
        return options.model_dump(mode="json")

    def words_for(self, vector: Json) -> Mapping[str, Any]:
        """Its words in that vector, with those of the rules within it."""
        return self.catalogue.texts(self.rule.slug, self.rule.version, self.language, self.pinned(vector))

    def case(self, vector: Json) -> Case:
        """The case of a vector."""
        return case_from_json(vector["case"])

    def floors(self) -> Iterator[tuple[Floor, Mapping[str, Any]]]:
        """Every floor of its reference cases, with the words in force there."""
        for vector in self.vectors:
            words = self.words_for(vector)
            phases = [held.phase for held in self.case(vector).held]
            if vector["step"] and "kind" in vector["step"]:
                phases.append(phase_from_json(vector["step"]))
            yield from ((floor, words) for phase in phases for floor in phase.floors)

    def _beside(self, kind: str) -> str:
        package = sys.modules[self.rule.__module__].__package__
        assert package is not None
        return files(package).joinpath(f"{self.rule.slug}_{self.rule.version}.{kind}").read_text("utf-8")
