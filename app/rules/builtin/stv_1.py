"""Single transferable vote: several seats, each for a quota of votes; what nobody needs goes on to the next wish."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.rules.builtin.stv_1_count import Count
from app.rules.builtin.stv_1_options import StvOptions
from app.rules.cast import Cast
from app.rules.choosing import ChoosingRule
from app.rules.contract import Outcome, Paper


class SingleTransferableVote(ChoosingRule):
    """Proportional election of several, by strict rankings of as many options as each voter likes.

    Whoever reaches the quota is elected. A surplus goes on before anybody goes out, the largest first, equal ones
    together: every ballot of the elected counts for its next option that is neither elected nor out, at its value
    times surplus / votes (weighted inclusive Gregory); the share of ballots that name no such option is not
    transferable. Without a surplus whoever has fewest goes out, one at a time. When as many are left as there are
    seats, they are elected. Several that come last are parted by earlier rounds if the options say so, then by the
    tie-break that they name; otherwise the tie is the outcome, and the winners are those elected before it. They go
    out together only where each of them would go whatever the order: all their votes are fewer than any other option
    has, and elect nobody. Winners stand in the order of their election; those of one round by votes, and equal ones
    by id, which gives them no precedence. Five decimals are cut as in the Scottish Local Government Elections Order
    2007 (SSI 2007/42, schedule 1, rule 48). Droop's quota is the next whole number above votes / (seats + 1); where
    a rule around this one weighs votes, it is that share itself, and must be exceeded.
    """

    slug = "stv"
    version = 1
    Options = StvOptions
    claims = frozenset({"anonymous", "neutral"})

    options: StvOptions

    @classmethod
    def decimals(cls, options: Mapping[str, Any]) -> int | None:
        """Five, where all figures of the count are cut there."""
        return 5 if options.get("arithmetic") == "five_decimals" else None

    def paper(self, on_ballot: tuple[str, ...]) -> Paper:
        """A strict ranking of one option or more."""
        return Paper("ranking", equal=False)

    def choose(self, ballots: Cast, on_ballot: tuple[str, ...], order: Sequence[str]) -> Outcome:
        """The elected in their order, or the tie that nothing parts; the table ``rounds`` tells every round."""
        return Count(self.options, ballots, on_ballot, order).outcome()
