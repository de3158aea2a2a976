"""The contract between the engine and a decision rule: a process is a fold over plain values.

A rule is a pure function from *the case so far* to *what follows*: the next phase, the outcome, or
``None`` ("it goes on"). The engine owns clocks, storage, permissions and notices; the rule owns meaning.
This module is the whole public vocabulary: a rule and an engine import from here.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from app.rules.case import (
    ACTS_ON_THE_ENGINE,
    REST,
    Case,
    Ended,
    Figure,
    Floor,
    Held,
    Matter,
    Outcome,
    Phase,
    Reason,
    Step,
    Verdict,
    Word,
    moves_revision,
    under,
)
from app.rules.electorate import Electorate, Voter
from app.rules.faults import OptionError
from app.rules.forms import Form, Inner, Options, Prose, Ref, Text, shown_by
from app.rules.papers import Ballot, Paper
from app.rules.profile import Cell, Profile
from app.rules.speakers import Who, electors, forum, named, office, proposer

__all__ = [
    "ACTS_ON_THE_ENGINE",
    "REST",
    "Ballot",
    "Case",
    "Cell",
    "DecisionRule",
    "Electorate",
    "Ended",
    "Figure",
    "Floor",
    "Form",
    "Held",
    "Inner",
    "Matter",
    "OptionError",
    "Options",
    "Outcome",
    "Paper",
    "Phase",
    "Profile",
    "Prose",
    "Reason",
    "Ref",
    "Step",
    "Text",
    "Verdict",
    "Voter",
    "Who",
    "Word",
    "electors",
    "forum",
    "moves_revision",
    "named",
    "office",
    "proposer",
    "shown_by",
    "under",
]


class DecisionRule(ABC):
    """A way to decide, bound to its options by the catalogue.

    A subclass states ``slug``, ``version``, its ``Options``, its ``forms`` and the properties it ``claims``; beside
    its module lie ``<slug>_<version>.vectors.json`` (reference vectors, frozen once released: their SHA-256 is the
    *reference digest* that a process pins) and ``<slug>_<version>.texts.toml`` (titles, phases, forms, reasons EN/FR).
    ``favour`` names, per form, the values from the least to the most favourable to the proposal: what the claim
    ``monotone`` is checked on. ``common_texts`` name further files of words, each with its package, that a family of
    rules shares; a rule's own words come before them. ``lets_hurry`` names the options of type :class:`Inner` whose
    rule may close a ballot early: those that :meth:`foregone` asks. ``settles``: its phases may be ``settled``, so that
    no rule around it may change its mind afterwards.
    """

    slug: ClassVar[str]
    version: ClassVar[int]
    Options: ClassVar[type[Options]]
    forms: ClassVar[Mapping[str, type[Form]]]
    claims: ClassVar[frozenset[str]] = frozenset()
    favour: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    common_texts: ClassVar[tuple[tuple[str, str], ...]] = ()
    lets_hurry: ClassVar[tuple[str, ...]] = ()
    settles: ClassVar[bool] = False

    def __init__(self, options: Any, inner: Mapping[str, "DecisionRule"] | None = None) -> None:
        """``inner``: the rules that the options name (fields of type :class:`Inner`), bound, by the field's name."""
        self.options = options
        self.inner = inner or {}

    @classmethod
    def wraps(cls) -> tuple[str, ...]:
        """The options that name a rule within this one, or may."""
        return tuple(name for name, one in cls.Options.model_fields.items() if one.annotation in (Inner, Inner | None))

    @classmethod
    def decimals(cls, options: Mapping[str, Any]) -> int | None:
        """With how many decimals people read a count under these pinned options; ``None``: as fractions. What is
        recorded stays a fraction."""
        return None

    def nested(self, at: str = "") -> Iterator[tuple[str, "DecisionRule"]]:
        """Every rule within this one, however deep, with the JSON pointer of its options."""
        for name, rule in self.inner.items():
            here = f"{at}/{name}/options"
            yield here, rule
            yield from rule.nested(here)

    def misfits(self, codes: Mapping[str, Collection[str]]) -> Iterable[OptionError]:
        """What in the options does not go with the rules within, once each of these is right by itself. ``codes``: of
        the reasons that a rule within may give, by the name of its option."""
        return ()

    def all_forms(self) -> Mapping[str, type[Form]]:
        """The forms of this rule and of those within it."""
        within = {name: form for rule in self.inner.values() for name, form in rule.all_forms().items()}
        return {**within, **self.forms}

    def reads(self) -> frozenset[str]:
        """By what the count tells votes apart, besides what was marked: ``college``, ``unit``, ``weights``. In a secret
        vote nothing else of a voter goes into the urn."""
        return frozenset(one for rule in self.inner.values() for one in sorted(rule.reads()))

    @abstractmethod
    def after(self, case: Case) -> Step:
        """What follows. An empty case asks for the first phase; ``None`` means that the phase goes on.

        Asked at the deadline, when all due floors are filled, at a word whose floor wakes, and when the electorate
        shrinks. ``None`` after deadline or completion stops the process as *needs attention*.
        """

    def foregone(self, case: Case) -> bool:
        """Open ballots only: whether every completion of the ballot gives the same verdict."""
        return False

    def matters(self, case: Case) -> tuple[Matter, ...]:
        """What the rule keeps track of beside the step, in the order in which it began."""
        return ()
