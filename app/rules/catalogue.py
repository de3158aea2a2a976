"""The one place where decision rules are found, checked, bound to their options and put into words.

Rules come from the entry points of group ``cercle.rules``; those of this package are declared the same way. A rule that
cannot be trusted to mean what it meant (it does not load, or departs from its reference vectors) refuses the start.
"""

import functools
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, Self

from pydantic import ValidationError

from app.rules import texts, vectors
from app.rules.case import Reason
from app.rules.contract import DecisionRule, Form, Inner, Options
from app.rules.faults import OptionError, closing_early, option_errors, too_many_rules
from app.rules.texts import Language

GROUP: Final = "cercle.rules"
INNER_WORDS: Final = ("app.rules", "inner.texts.toml")
"""What is said of every option that holds a rule."""


class RuleFailedToLoad(Exception):
    """A rule cannot be trusted: the service must not start. ``name`` is the entry point or the class."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"decision rule {name} failed to load: {reason}")
        self.name = name
        self.reason = reason


class UnknownRule(LookupError):
    """No rule of this name, or not in this version, is installed."""

    def __init__(self, slug: str, version: int | None) -> None:
        super().__init__(f"no decision rule {slug}" + ("" if version is None else f" in version {version}"))
        self.slug = slug
        self.version = version


class InvalidOptions(ValueError):
    """The options given are not options of this rule."""

    def __init__(self, slug: str, version: int, errors: tuple[OptionError, ...]) -> None:
        super().__init__(f"options of {slug} {version}: " + "; ".join(f"{e.pointer} {e.message}" for e in errors))
        self.slug = slug
        self.version = version
        self.errors = errors


@dataclass(frozen=True, slots=True)
class _Entry:
    rule: type[DecisionRule]
    texts: Mapping[Language, Mapping[str, Any]]
    reference: list[Any]
    reference_digest: str
    wraps: tuple[str, ...]


class Catalogue:
    """Every decision rule that is installed, in every version, checked at start."""

    def __init__(self, rules: Iterable[type[DecisionRule]]) -> None:
        """Checks each rule against its reference vectors. Raises :class:`RuleFailedToLoad`."""
        self._entries: dict[tuple[str, int], _Entry] = {}
        for rule in rules:
            key = (rule.slug, rule.version)
            if key in self._entries:
                raise RuleFailedToLoad(_name(rule), f"{rule.slug} {rule.version} is already provided by another rule")
            self._entries[key] = _read(rule)
        self._newest = dict(sorted(self._entries))
        for (slug, version), entry in self._entries.items():
            _check(entry, functools.partial(self.bind, slug, version))
        self._forms = {name: form for rule in self.rules() for name, form in rule.forms.items()}
        _refuse_ambiguous_forms(self.rules())

    @classmethod
    def load(cls, group: str = GROUP) -> Self:
        """The catalogue of what is installed. Raises :class:`RuleFailedToLoad`, naming the rule and the reason."""
        return cls(_loaded(entry) for entry in sorted(entry_points(group=group), key=lambda entry: entry.name))

    def rules(self) -> tuple[type[DecisionRule], ...]:
        """All rules, by slug and then by version."""
        return tuple(self._entries[key].rule for key in sorted(self._entries))

    def get(self, slug: str, version: int | None = None) -> type[DecisionRule]:
        """One rule, the newest when no version is asked for. Raises :class:`UnknownRule`."""
        return self._entry(slug, version).rule

    def has(self, slug: str, version: int) -> bool:
        """Whether that version of the rule is installed."""
        return (slug, version) in self._entries

    def bind(self, slug: str, version: int | None, options: Mapping[str, Any]) -> DecisionRule:
        """The rule with its options and the rules within it, ready to decide. Raises :class:`UnknownRule`,
        :class:`InvalidOptions`."""
        rule = self.get(slug, version)
        too_many = too_many_rules(options)
        if too_many is not None:
            raise InvalidOptions(slug, rule.version, (too_many,))
        try:
            chosen = rule.Options.model_validate(options)
        except ValidationError as error:
            raise InvalidOptions(slug, rule.version, option_errors(error)) from None
        named = {name: inner for name in rule.wraps() if (inner := getattr(chosen, name)) is not None}
        within = {name: self._completed(rule, name, inner) for name, inner in named.items()}
        if not within:
            return rule(chosen)
        chosen = chosen.model_copy(update={name: inner for name, (inner, _) in within.items()})
        bound = rule(chosen, {name: one for name, (_, one) in within.items()})
        misfits = tuple(bound.misfits({name: self._codes(inner) for name, (inner, _) in within.items()}))
        if misfits:
            raise InvalidOptions(slug, rule.version, misfits)
        return bound

    def options(self, slug: str, version: int | None, options: Mapping[str, Any]) -> Options:
        """The options checked and completed with defaults: ``model_dump(mode="json")`` of them is what a process pins.

        Raises :class:`UnknownRule`, :class:`InvalidOptions`.
        """
        chosen: Options = self.bind(slug, version, options).options
        return chosen

    def _codes(self, inner: Inner) -> frozenset[str]:
        """The codes of the reasons that a rule within, or one in it, may give."""
        tree = self.tree(inner.rule, inner.version, texts.LANGUAGES[0], inner.options)
        return frozenset(code for words in tree for code in words.get("reasons", {}))

    def _completed(self, rule: type[DecisionRule], name: str, inner: Inner) -> tuple[Inner, DecisionRule]:
        """The rule within a rule with everything that makes it what it is, and bound to it. Raises
        :class:`InvalidOptions`."""
        try:
            found = self.bind(inner.rule, inner.version, inner.options)
        except UnknownRule as error:
            fault = OptionError(f"/{name}/rule", "unknown_rule", str(error), {"rule": inner.rule})
            raise InvalidOptions(rule.slug, rule.version, (fault,)) from None
        except InvalidOptions as error:
            faults = tuple(replace(one, pointer=f"/{name}/options{one.pointer}") for one in error.errors)
            raise InvalidOptions(rule.slug, rule.version, faults) from None
        meaning = self.reference_digest(inner.rule, found.version)
        if inner.reference_digest not in (None, meaning):
            fault = OptionError(f"/{name}/reference_digest", "other_meaning", "the rule has changed its meaning", {})
            raise InvalidOptions(rule.slug, rule.version, (fault,))
        pinned = found.options.model_dump(mode="json")
        early = None if name in rule.lets_hurry else closing_early(pinned)
        if early is not None:
            message = "under this rule a vote stays open until its end"
            fault = OptionError(f"/{name}/options{early}", "never_early", message, {})
            raise InvalidOptions(rule.slug, rule.version, (fault,))
        return Inner(rule=found.slug, version=found.version, options=pinned, reference_digest=meaning), found

    def reference_digest(self, slug: str, version: int | None = None) -> str:
        """What a process pins as the meaning of the rule. Raises :class:`UnknownRule`."""
        return self._entry(slug, version).reference_digest

    def code_digest(self, slug: str, version: int | None = None) -> str:
        """SHA-256 over the sources of the rule's module and of those beside it whose names begin with its name.

        Evidence of what ran, never compared: a refactoring may change it. Raises :class:`UnknownRule`.
        """
        rule = self.get(slug, version)
        stem = rule.__module__.rpartition(".")[2]
        sources = sorted(
            (one.name, one.read_bytes())
            for one in _folder(rule).iterdir()
            if one.name.startswith(stem) and one.name.endswith(".py")
        )
        return hashlib.sha256(b"".join(name.encode() + b"\0" + source + b"\0" for name, source in sources)).hexdigest()

    def texts(
        self, slug: str, version: int | None, language: Language, options: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """The words of a rule in one language: ``title``, ``description``, ``phases``, ``forms``, ``reasons``,
        ``options``, ``matters``, ``codes``, ``tables``; with ``options``, those of the rules within it too, under its
        own. Raises :class:`UnknownRule`."""
        return functools.reduce(texts.over, self.tree(slug, version, language, options))

    def tree(
        self, slug: str, version: int | None, language: Language, options: Mapping[str, Any] | None = None
    ) -> list[Mapping[str, Any]]:
        """The words of a rule and then of those within it, each apart. Raises :class:`UnknownRule`."""
        entry = self._entry(slug, version)
        words = texts.in_decimals(entry.texts[language], entry.rule.decimals(options or {}), language)
        within = [inner for inner in ((options or {}).get(name) for name in entry.wraps) if inner is not None]
        below = (self.tree(one["rule"], one["version"], language, one["options"]) for one in within)
        return [words, *(one for tree in below for one in tree)]

    def sentence(
        self,
        slug: str,
        version: int | None,
        reason: Reason,
        language: Language,
        options: Mapping[str, Any] | None = None,
    ) -> str:
        """A reason as a sentence with its exact figures. Raises :class:`UnknownRule`, ``texts.MissingText``."""
        return texts.sentence(self.tree(slug, version, language, options), reason, language)

    def forms(self) -> Mapping[str, type[Form]]:
        """All forms of all rules by name, each in its newest shape; a process checks words by its own rule's forms."""
        return self._forms

    def form(self, slug: str, version: int | None, name: str) -> type[Form] | None:
        """The form of that name of a rule; of a rule that holds others, any that is installed. Raises
        :class:`UnknownRule`."""
        entry = self._entry(slug, version)
        return entry.rule.forms.get(name, self._forms.get(name) if entry.wraps else None)

    def _entry(self, slug: str, version: int | None) -> _Entry:
        found = self._entries.get((slug, self._newest.get(slug, 0) if version is None else version))
        if found is None:
            raise UnknownRule(slug, version)
        return found


def _loaded(entry: EntryPoint) -> type[DecisionRule]:
    try:
        rule = entry.load()
    except Exception as error:
        raise RuleFailedToLoad(entry.name, f"{type(error).__name__}: {error}") from error
    if not (isinstance(rule, type) and issubclass(rule, DecisionRule)):
        raise RuleFailedToLoad(entry.name, f"{entry.value} is not a DecisionRule")
    return rule


def _name(rule: type[DecisionRule]) -> str:
    return f"{rule.__module__}:{rule.__qualname__}"


def _read(rule: type[DecisionRule]) -> _Entry:
    """The rule with what lies beside it. Raises :class:`RuleFailedToLoad`."""
    stem = f"{rule.slug}_{rule.version}"
    try:
        folder = _folder(rule)
        words = _words(folder.joinpath(f"{stem}.texts.toml"))
        for package, name in rule.common_texts:
            words = texts.over(words, _shared_words(package, name))
        wraps = rule.wraps()
        words = texts.over(words, {"options": dict.fromkeys(wraps, _shared_words(*INNER_WORDS))})
        both = {language: texts.in_language(words, language) for language in texts.LANGUAGES}
        reference = vectors.read(folder.joinpath(f"{stem}.vectors.json").read_text(encoding="utf-8"))
    except Exception as error:
        raise RuleFailedToLoad(_name(rule), f"{type(error).__name__}: {error}") from error
    if not reference:
        raise RuleFailedToLoad(_name(rule), "it has no reference vectors")
    return _Entry(rule, both, reference, vectors.reference_digest(reference), wraps)


def _check(entry: _Entry, bind: Callable[[Mapping[str, Any]], DecisionRule]) -> None:
    """The rule must mean what its vectors say. Raises :class:`RuleFailedToLoad`."""
    try:
        departed = next(vectors.differences(bind, entry.reference), None)
    except Exception as error:
        raise RuleFailedToLoad(_name(entry.rule), f"{type(error).__name__}: {error}") from error
    if departed is not None:
        raise RuleFailedToLoad(_name(entry.rule), f"it departs from its reference vectors: {departed}")


@functools.cache
def _shared_words(package: str, name: str) -> dict[str, Any]:
    return _words(files(package).joinpath(name))


def _words(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _folder(rule: type[DecisionRule]) -> Traversable:
    package = sys.modules[rule.__module__].__package__
    if not package:
        raise ValueError("a rule ships in a package, its texts and vectors beside its module")
    return files(package)


def _refuse_ambiguous_forms(rules: Iterable[type[DecisionRule]]) -> None:
    plurals: dict[str, str] = {}
    for rule in rules:
        for name, form in rule.forms.items():
            if plurals.setdefault(name, form.plural) != form.plural:
                raise RuleFailedToLoad(
                    f"{rule.slug} {rule.version}", f"form {name} has two plurals: {plurals[name]}, {form.plural}"
                )
