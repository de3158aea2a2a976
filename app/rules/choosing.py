"""The base of rules that choose between options: papers, the ties that remain, and what was named to break them.

Such a rule writes ``choose(ballots, on_ballot, order) -> Outcome``. A tie is an outcome; only where the options name a
tie-break, and the count came out tied, is the same vote counted again with the order that the tie-break gives.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.case import Case, Figure, Floor, Held, Outcome, Phase, Reason, Step
from app.rules.cast import Cast
from app.rules.contract import Form, Ref, Text, electors, forum, office, shown_by
from app.rules.counting import CountingOptions, CountingRule
from app.rules.electorate import Electorate
from app.rules.figures import Duration, plain
from app.rules.lots import Seed, drawn
from app.rules.margins import trailing
from app.rules.papers import MOST_OPTIONS, OPTION, Ballot, Paper
from app.rules.profile import Profile

ABSENT: Final = "absent"
REVOTE: Final = "revote"
"""The kind of another ballot, between the tied."""


class NewOption(Form):
    """Put another option on the ballot, while options are being collected."""

    plural = "options"
    model_config = shown_by(value="option", title="Move to the Rue des Lilas")

    value: Literal["option"]
    title: Annotated[Text, Field(max_length=200)]
    text: Text | None = None


class CastingChoice(Form):
    """The chair says which of the tied options goes first."""

    plural = "casting-choices"
    model_config = shown_by(value="lilas")

    value: Annotated[Ref, Field(description="The id of one of the tied options.")]


class ChoosingOptions(CountingOptions):
    """What every choice between options lets a circle choose."""

    collecting: Duration | None = None

    tie_break: Literal["none", "lot", "revote", "chair_casting", "incumbent", "seniority"] = "none"
    casting: Duration = "P2D"
    incumbent: Annotated[str, StringConstraints(pattern=f"^{OPTION.pattern}$")] | None = Field(
        None, validate_default=True
    )

    @field_validator("incumbent")
    @classmethod
    def _breaks_ties(cls, incumbent: str | None, given: ValidationInfo) -> str | None:
        if (incumbent is not None) != (given.data.get("tie_break") == "incumbent"):
            raise PydanticCustomError("incumbent", "name the incumbent where it breaks ties, and only there")
        return incumbent


class ChoosingRule(CountingRule):
    """One ballot on several options, then the count, and what breaks a tie if it was named and is needed.

    A tie-break gives an order. Lots and the order of the proposal part whatever is tied; an incumbent goes before all
    others; the chair and another ballot, which is held once, part the options that were tied and no others. A tie that
    the order leaves is the outcome.
    """

    forms: ClassVar[Mapping[str, type[Form]]] = {
        "ballot": Ballot,
        "option": NewOption,
        "seed": Seed,
        "casting_choice": CastingChoice,
    }

    common_texts: ClassVar[tuple[tuple[str, str], ...]] = (
        ("app.rules", "choosing.texts.toml"),
        *CountingRule.common_texts,
    )

    options: ChoosingOptions

    @abstractmethod
    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """How options are marked."""

    @abstractmethod
    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The outcome: ``elected`` with the winners in order, ``not_elected``, or ``tied`` with what is tied in the
        fact ``options`` of the first reason. Shapes: the weight of each distinct expressed ballot, and whose it is;
        ``order``: what a tie-break says, for :func:`parted`, empty before there is any. Must not depend on the order of
        ``on_ballot``."""

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """The outcome of a valid ballot before any tie-break."""
        return self.choose(self.cast(profile, electorate), on_ballot, ())

    def cast(self, profile: Profile, electorate: Electorate) -> Cast:
        """The ballots of these electors that express a choice."""
        people = None if profile.by_heads else self.expressing(profile.total("heads"))
        return Cast(self.marked(profile), people=people, whole=profile.whole, electors=len(electorate))

    def counted_with(self, ballot: Held, order: Sequence[str]) -> Outcome:
        """The outcome of the same ballot with the order that a tie-break gives."""
        cast = self.cast(ballot.profile or Profile(), ballot.electorate.voting)
        return self.choose(cast, ballot.phase.floors[0].among, order)

    def after(self, case: Case) -> Step:
        """Further options, if they are collected; the ballot; then the outcome, or a tie-break and then the outcome."""
        now = case.now
        if now is None:
            return self._opened(case)
        if now.phase.kind == REVOTE:
            return self._revoted(case)
        follows = {"option": self._collected, "seed": self._drawn, "casting_choice": self._chosen}
        form = now.phase.floors[0].form
        if form in follows:
            return None if now.ended in {"woken", "shrunk"} else follows[form](case)
        step = super().after(case)
        return self._broken(case, step) if isinstance(step, Outcome) and step.verdict == "tied" else step

    def _opened(self, case: Case) -> Step:
        """The collection of options, or the ballot. An incumbent that does not stand on it would part nothing."""
        incumbent = self.options.incumbent
        if incumbent is not None and incumbent not in case.on_ballot:
            return Outcome("invalid", reasons=(Reason("incumbent_missing", {"incumbent": incumbent}),))
        if self.options.collecting is not None:
            return Phase("collecting", (Floor(electors(), "option"),), self.options.collecting)
        return super().after(case)

    def _collected(self, case: Case) -> Step:
        """The ballot on what it began with and what was added."""
        on_ballot = slate(case)
        step = self.ballot(case, on_ballot)
        reason = Reason("options_collected", {"added": len(on_ballot) - len(case.on_ballot), "options": len(on_ballot)})
        return replace(step, reasons=(reason,)) if isinstance(step, Phase) else step

    def _broken(self, case: Case, tied: Outcome) -> Step:
        """What follows a tie: the tie itself, unless something was named to break it."""
        on_ballot, tie = _vote(case).phase.floors[0].among, tied.reasons[:1]
        match self.options.tie_break:
            case "lot":
                lots = Floor(forum("lots"), "seed", due=True)
                return Phase("drawing", (lots,), carries=True, reasons=tie)
            case "revote":
                step = _BetweenTheTied(self.options).ballot(case, _at_stake(tied))
                return replace(step, kind=REVOTE, reasons=tie) if isinstance(step, Phase) else step
            case "chair_casting":
                return self._asking_the_chair(case, _at_stake(tied), tie)
            case "incumbent":
                first = str(self.options.incumbent)
                order = (first, "=".join(option for option in on_ballot if option != first))
                return self._counted_again(case, tied, order, Reason("incumbent_first", {"option": first}))
            case "seniority":
                how = Reason("first_listed", {"order": listed(on_ballot)})
                return self._counted_again(case, tied, on_ballot, how)
        return tied

    def _counted_again(self, case: Case, tied: Outcome, order: Sequence[str], *how: Reason) -> Outcome:
        """The outcome of the ballot that came out tied with an order, and how that came about."""
        outcome = self.counted_with(_vote(case), order)
        quorum = (reason for reason in tied.reasons if reason.code == "quorum_reached")
        return replace(outcome, reasons=(*outcome.reasons, *how, *quorum))

    def _drawn(self, case: Case) -> Outcome:
        tied = self.counted(case, _vote(case))
        seed = next((word.value for word in case.held[-1].words), ABSENT)
        if seed == ABSENT:
            return replace(tied, reasons=(*tied.reasons, Reason("no_lots")))
        order = drawn(_vote(case).phase.floors[0].among, seed)
        return self._counted_again(case, tied, order, Reason("lots_drawn", {"order": listed(order)}))

    def _revoted(self, case: Case) -> Step:
        """The vote counted again with the order that another ballot gives; a void one gives none."""
        between = _BetweenTheTied(self.options).after(case)
        if not isinstance(between, Outcome):
            return between
        tied = self.counted(case, _vote(case))
        if between.verdict == "invalid":
            return replace(tied, reasons=(*tied.reasons, Reason("revote_void"), *between.reasons))
        outcome = self._counted_again(case, replace(tied, reasons=()), between.winners, *between.reasons)
        return replace(outcome, tables={**outcome.tables, **between.tables})

    def _asking_the_chair(self, case: Case, among: tuple[str, ...], reasons: tuple[Reason, ...]) -> Phase:
        chair = Floor(office("chair", case.proposer), "casting_choice", among=among, due=True)
        return Phase("casting_choice", (chair,), self.options.casting, carries=True, reasons=reasons)

    def _chosen(self, case: Case) -> Step:
        """The chair named one option, and is asked again where that leaves the tie; who is silent parts nothing."""
        tied = self.counted(case, _vote(case))
        asked = [held for held in case.held if held.phase.kind == "casting_choice"]
        named = [held.words[-1].value for held in asked if held.words]
        rest = tuple(option for option in _at_stake(tied) if option not in named)
        if len(named) < len(asked):
            return replace(tied, reasons=(*tied.reasons, Reason("chair_silent")))
        how = Reason("chair_chose", {"order": listed(named)})
        outcome = self._counted_again(case, tied, (*named, "=".join(rest)), how)
        if len(rest) > 1 and outcome.verdict == "tied" and _at_stake(outcome) == _at_stake(tied):
            asking = self._asking_the_chair(case, rest, (*tied.reasons[:1], how))
            return replace(asking, carries=False)  # what was said in a round is said: here the chair speaks anew
        return outcome


class PairwiseRule(ChoosingRule):
    """A choice that looks at nothing but how many prefer one option to another: it can be made from a matrix as well,
    without the ballots."""

    @abstractmethod
    def choose_by_pairs(
        self, pairs: Mapping[str, Mapping[str, int | Fraction]], order: Sequence[str], electors: int
    ) -> Outcome:
        """The outcome of preferences that are already counted. Shapes: ``pairs[a][b]`` is the weight that puts ``a``
        above ``b``, for every two options; ``order`` as for :meth:`choose`; how many may vote."""


class _BetweenTheTied(CountingRule):
    """One vote each between the tied; ``winners`` are their ranks, for an order."""

    def paper(self, _on_ballot: tuple[str, ...]) -> Paper:
        return Paper("one")

    def count(self, profile: Profile, _electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """Who had how many, and with how many more votes the next would have been first."""
        marked = self.marked(profile)
        votes = {option: marked.get(option, Fraction(0)) for option in sorted(on_ballot)}
        levels = sorted(dict.fromkeys(votes.values()), reverse=True)
        ranks = [[option for option, got in votes.items() if got == level] for level in levels]
        best: dict[str, Figure] = {"options": listed(ranks[0]), "number": len(ranks[0]), "votes": plain(levels[0])}
        reasons = [Reason("revoted", {**best, "of": plain(sum(votes.values(), Fraction(0)))})]
        if ranks[1:] and not profile.by_heads:
            reasons.append(trailing(ranks[0], ranks[1], levels[0] - levels[1]))
        elif ranks[1:]:
            next_: dict[str, Figure] = {"options": listed(ranks[1]), "votes": plain(levels[1])}
            reasons.append(Reason("revote_next", {**next_, "more": plain(levels[0] - levels[1] + 1)}))
        rows = tuple((option, plain(votes[option])) for rank in ranks for option in rank)
        orders = tuple("=".join(rank) for rank in ranks)
        return Outcome("elected", orders, tuple(reasons), {REVOTE: (("option", "votes"), *rows)})


def slate(case: Case) -> tuple[str, ...]:
    """What the ballot began with, then what electors added to it in the phases held, as they said it, up to what a
    paper holds."""
    added: list[str] = []
    for held in case.held:
        said = [word for word in held.words if word.form == "option"]
        if said:
            latest, ids = held.latest, case.electorate.ids
            added += [word.ref for word in said if word.version == latest and word.by in ids]
    return (*case.on_ballot, *added)[:MOST_OPTIONS]


def listed(options: Sequence[str]) -> str:
    """Several options as one fact of a reason."""
    return ",".join(options)


def parted(tied: Sequence[str], order: Sequence[str], places: int = 1) -> list[str]:
    """So many of the tied as there are places for, the first of the order; none where the order does not say who.

    Shape of an order: ranks, the first preferred, ``=`` between options that it leaves level, as on a ballot. Of ties
    with options that it does not name it says nothing.
    """
    rank = {option: n for n, level in enumerate(order) for option in level.split("=")}
    if not rank.keys() >= set(tied):
        return []
    first = sorted(sorted(tied), key=rank.__getitem__)
    if places < len(first) and rank[first[places - 1]] == rank[first[places]]:
        return []
    return first[:places]


def _vote(case: Case) -> Held:
    """The ballot that is counted: the last one that is not between the tied."""
    return next(held for held in reversed(case.held) if held.phase.yields == "profile" and held.phase.kind != REVOTE)


def _at_stake(tied: Outcome) -> tuple[str, ...]:
    """The options that are tied."""
    return tuple(str(tied.reasons[0].facts["options"]).split(","))
