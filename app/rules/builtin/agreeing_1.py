"""What rules that seek agreement share: a tally, a verdict that no warmer answer harms, and how much support is enough.

First version: it stays as it is for as long as a version 1 of such a rule does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from app.rules.contract import Case, Figure, Held, Outcome, Profile, Reason
from app.rules.counting import UNCAST, CountingRule
from app.rules.figures import plain
from app.rules.margins import turning

Tally = Mapping[str, Fraction]


class AgreementRule(CountingRule):
    """A rule between answers of which ``favour`` names the coldest first and the warmest last.

    It must be monotone, silence standing between the two: that is what makes :meth:`foregone` exact.
    """

    claims = frozenset({"anonymous", "monotone"})

    def foregone(self, case: Case) -> bool:
        """Whether the coldest and the warmest answer of all who are still silent leave a valid verdict as it is.

        Not where more time may follow, nor where ballots are weighed: who is silent brings a weight of their own.
        """
        now = case.now
        if now is None or now.profile is None or not now.phase.hurries or now.phase.sight != "open":
            return False
        if self.options.late_quorum is not None or not now.profile.by_heads:
            return False
        answers = self.favour["ballot"]
        ends = {self.counted(case, held).verdict for held in (now, _all(now, answers[0]), _all(now, answers[-1]))}
        return len(ends) == 1 and "invalid" not in ends


def tallied(profile: Profile, values: Iterable[str]) -> Tally:
    """The measure that counts for each of these answers, and for those who are present without one."""
    total = profile.total()
    return {value: total.get(value, Fraction(0)) for value in (*values, UNCAST)}


def shown(tally: Tally) -> Mapping[str, Figure]:
    """The same as people read it."""
    return {value: plain(number) for value, number in tally.items()}


def outcome(tally: Tally, reasons: Sequence[Reason], *, adopted: bool) -> Outcome:
    """Adopted or not, with the table of all answers."""
    table = (("choice", "votes"), *shown(tally).items())
    return Outcome("adopted" if adopted else "not_adopted", reasons=tuple(reasons), tables={"ballots": table})


@dataclass(frozen=True, slots=True)
class Support:
    """How much of what was answered supports a proposal, how much doubts it or blocks it, and what ``share`` of all
    that must support it, or of ``whole`` where that is given. ``heads``: whether everybody counts for one."""

    passing: Fraction
    doubting: Fraction
    blocking: Fraction
    share: Fraction
    whole: Fraction | None
    heads: bool

    @property
    def of(self) -> Fraction:
        """What is 100 %."""
        return self.passing + self.doubting + self.blocking if self.whole is None else self.whole

    @property
    def needed(self) -> Fraction:
        """What must support it: of people a whole number, rounded up; of weights exactly the share."""
        return Fraction(ceil(self.share * self.of)) if self.heads else self.share * self.of

    @property
    def code(self) -> str:
        """Blocked, agreed, or to be discussed: judged in this order."""
        if self.blocking:
            return "blocked"
        return "agreed" if self.passing and self.passing >= self.needed else "discuss"

    def reasons(self, words: Mapping[str, Figure]) -> list[Reason]:
        """What decided, and the fewest people who would have changed it: each block, and whoever was missing besides.
        ``words`` say what supports a proposal."""
        sums = {"passing": self.passing, "doubting": self.doubting, "blocking": self.blocking, "of": self.of}
        figures = {**shown(sums), "needed": plain(self.needed), "share": plain(self.share)}
        return [Reason(self.code, {**figures, **words}), self._change(words) if self.heads else self._in_weight()]

    def _change(self, words: Mapping[str, Figure]) -> Reason:
        if self.code == "agreed":
            fewer = plain(self.passing - self.needed + 1)
            return Reason("would_have_failed", {"votes": fewer, "blocking": 1, **words})
        more = plain(max(self.blocking, self.needed - self.passing))
        return Reason("would_have_passed", {"votes": more, "blocking": plain(self.blocking), **words})

    def _in_weight(self) -> Reason:
        """The same where votes weigh: whatever blocks turns it; else what exceeds the bar, or falls from it."""
        if self.code == "agreed":
            return turning(self.passing - self.needed, "gt", adopted=True)
        missing = max(self.blocking, self.needed - self.passing)
        return turning(missing, "gte" if missing else "gt", adopted=False)


def _all(held: Held, answer: str) -> Held:
    """The ballot if all who have not voted yet gave this answer."""
    profile = held.profile or Profile()
    left = len(held.electorate.voting) - sum(profile.total("heads").values(), Fraction(0))
    cell = (answer, "", "")
    heads = profile.rows.get(cell, {}).get("heads", Fraction(0)) + max(left, Fraction(0))
    return replace(held, profile=replace(profile, rows={**profile.rows, cell: {"heads": heads}}))
