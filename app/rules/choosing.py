"""The base of rules that choose between options: papers, the ties that remain, and lots that anybody can draw again.

Such a rule writes ``choose(ballots, on_ballot, order) -> Outcome``. A tie is an outcome; only where the options name
lots, and the count came out tied, is a seed asked for and the same ballots counted again with the order that it gives.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from app.rules.case import Case, Electorate, Floor, Held, Outcome, Phase, Profile, Reason, Step
from app.rules.contract import Form, Text, electors, forum, shown_by
from app.rules.counting import CountingOptions, CountingRule
from app.rules.figures import Duration
from app.rules.lots import Seed, drawn
from app.rules.papers import MOST_OPTIONS, Ballot, Paper

ABSENT: Final = "absent"


class NewOption(Form):
    """Put another option on the ballot, while options are being collected."""

    plural = "options"
    model_config = shown_by(value="option", title="Move to the Rue des Lilas")

    value: Literal["option"]
    title: Annotated[Text, Field(max_length=200)]
    text: Text | None = None


class ChoosingOptions(CountingOptions):
    """What every choice between options lets a circle choose."""

    collecting: Annotated[
        Duration | None,
        Field(description="How long members may put further options on the ballot before it opens; not if empty."),
    ] = None

    tie_break: Annotated[
        Literal["none", "lot"],
        Field(description="none: a tie that remains is the outcome; lot: it is broken by lots that anybody can check."),
    ] = "none"


class ChoosingRule(CountingRule):
    """One ballot on several options, then the count, and lots if they were named and are needed."""

    forms: ClassVar[Mapping[str, type[Form]]] = {"ballot": Ballot, "option": NewOption, "seed": Seed}

    common_texts: ClassVar[tuple[tuple[str, str], ...]] = (
        ("app.rules", "choosing.texts.toml"),
        *CountingRule.common_texts,
    )

    options: ChoosingOptions

    @abstractmethod
    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """How options are marked."""

    @abstractmethod
    def choose(self, ballots: Mapping[str, Fraction], on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The outcome: ``elected`` with the winners in order, ``not_elected``, or ``tied`` with what is tied in the
        first reason. Shapes: the weight of each distinct expressed ballot, in canonical order; ``order``: options in
        the order of the lots, the earlier preferred, empty while none are drawn. Must not depend on the order of
        ``on_ballot``."""

    def count(self, profile: Profile, electorate: Electorate, on_ballot: tuple[str, ...]) -> Outcome:
        """The outcome of a valid ballot before any lots."""
        return self.choose(self.marked(profile), on_ballot, ())

    def after(self, case: Case) -> Step:
        """Further options, if they are collected; the ballot; then the outcome, or a drawing and then the outcome."""
        now = case.now
        if now is None and self.options.collecting is not None:
            return Phase("collecting", (Floor(electors(), "option"),), self.options.collecting)
        if now is not None and now.phase.floors[0].form == "option":
            return None if now.ended in {"woken", "shrunk"} else self._collected(case, now)
        if now is not None and now.phase.floors[0].form == "seed":
            return None if now.ended == "shrunk" else self._drawn(case)
        step = super().after(case)
        if isinstance(step, Outcome) and step.verdict == "tied" and self.options.tie_break == "lot":
            floor = Floor(forum("lots"), "seed", due=True)
            return Phase("drawing", (floor,), carries=True, reasons=step.reasons[:1])
        return step

    def _collected(self, case: Case, now: Held) -> Step:
        """The ballot on what the proposal brought and what was added, as it was said, up to what a paper holds."""
        added = [word.ref for word in now.words if word.version == now.latest and word.by in case.electorate.ids]
        on_ballot = (*case.on_ballot, *added)[:MOST_OPTIONS]
        step = self.ballot(case, on_ballot)
        reason = Reason("options_collected", {"added": len(on_ballot) - len(case.on_ballot), "options": len(on_ballot)})
        return replace(step, reasons=(reason,)) if isinstance(step, Phase) else step

    def _drawn(self, case: Case) -> Outcome:
        ballot, drawing = case.held[-2:]
        seed = next((word.value for word in drawing.words), ABSENT)
        tied = self.counted(case, ballot)
        if seed == ABSENT:
            return replace(tied, reasons=(*tied.reasons, Reason("no_lots")))
        on_ballot = ballot.phase.floors[0].among
        order = drawn(on_ballot, seed)
        outcome = self.choose(self.marked(ballot.profile or Profile()), on_ballot, order)
        quorum = (reason for reason in tied.reasons if reason.code == "quorum_reached")
        lots = Reason("lots_drawn", {"order": listed(order)})
        return replace(outcome, reasons=(*outcome.reasons, lots, *quorum))


def listed(options: Sequence[str]) -> str:
    """Several options as one fact of a reason."""
    return ",".join(options)


def by_lot(options: Sequence[str], order: Sequence[str]) -> list[str]:
    """Options in the order of the lots: the earlier comes first."""
    place = {option: n for n, option in enumerate(order)}
    return sorted(options, key=place.__getitem__)
