"""The Schulze method with a default option: who stands at all, and when nobody is elected."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rules import papers
from app.rules.builtin.schulze_1 import Schulze
from app.rules.builtin.schulze_1_options import SchulzeOptions
from app.rules.cast import Cast
from tests.rules.stories import codes
from tests.rules.test_schulze import PAPER, chosen, order
from tests.rules.told.schulze_1 import AGAINST_NONE, ranked


class TestWhoStands:
    def test_a_quorum_of_half_roots_knows_the_electorate_before_and_after_lots(self) -> None:
        """Five above the default: enough of 100 electors (5), not of 101."""
        ballots = {"a=b>none>c": 5, "none": 2}
        options = {"default": "none", "option_quorum": 1, "option_quorum_in": "half_roots", "tie_break": "lot"}
        for absent, winners in ((93, 1), (94, 0)):
            process = ranked(ballots, "a b c none", absent=absent, forums={"lots": "seed"}, **options)
            outcome = process.run_out()
            assert len(outcome.winners) == winners
            assert process.kinds == (("ballot", "drawing+") if winners else ("ballot",))
            dropped = [one.facts["option"] for one in outcome.reasons if one.code == "dropped_by_quorum"]
            assert dropped == (["c"] if winners else ["a", "b", "c"])

    @given(st.integers(0, 50), st.fractions(0, 5000, max_denominator=12))
    def test_half_roots_are_exact(self, times: int, electors_: Fraction) -> None:
        options = {"default": "none", "option_quorum": times, "option_quorum_in": "half_roots"}
        needed = SchulzeOptions.model_validate(options).needed(electors_)
        assert 4 * needed**2 >= times**2 * electors_
        assert needed == 0 or 4 * (needed - 1) ** 2 < times**2 * electors_

    def test_what_is_dropped_takes_no_part_in_the_count(self) -> None:
        """``b`` would win by paths, but fewer put it above the default than below."""
        with_b = chosen({"b>a>none": 3, "none>b>a": 2, "a>none>b": 2}, "a b none")
        without = chosen({"b>a>none": 3, "none>b>a": 2, "a>none>b": 2}, "a b none", default="none")
        assert (with_b.winners, without.winners) == (("b",), ("a",))
        assert order(without) == ["a", "none"]
        assert codes(without) == ("elected_outright", "dropped_by_majority", "would_have_elected")

    @pytest.mark.parametrize(("times", "winners"), [(1, ("a",)), (2, ()), (None, ("a",))])
    def test_a_majority_is_more_than_so_many_times_as_many(self, times: int | None, winners: tuple[str, ...]) -> None:
        assert chosen({"a>none": 2, "none>a": 1}, "a none", default="none", default_majority=times).winners == winners

    def test_nobody_is_elected_when_the_default_alone_stands_or_wins(self) -> None:
        alone = chosen({"none>a>b": 2, "a>none": 1}, "a b none", default="none")
        assert (alone.verdict, alone.winners) == ("not_elected", ())
        assert alone.reasons[0].facts == {"default": "none", "standing": 0}
        wins = chosen({"none>a>b": 2, "a>none": 1}, "a b none", default="none", default_majority=None)
        assert (wins.verdict, wins.winners) == ("not_elected", ())
        assert wins.reasons[0].facts == {"default": "none", "standing": 2}

    def test_a_lot_that_falls_on_the_default_elects_nobody(self) -> None:
        rule = Schulze(SchulzeOptions(default="none", default_majority=None))
        for lots, winners in ((("none", "a"), ()), (("a", "none"), ("a",))):
            outcome = rule.choose(Cast({"a=none": Fraction(2)}), ("a", "none"), lots)
            assert (outcome.winners, outcome.reasons[0].code) == (winners, "settled_by_tie_break")
            assert outcome.verdict == ("elected" if winners else "not_elected")

    def test_a_default_that_is_not_on_the_ballot_is_no_vote(self) -> None:
        process = ranked({}, absent=3, default="none")
        assert process.kinds == ()
        assert (process.run_out().verdict, codes(process.run_out())) == ("invalid", ("default_missing",))

    def test_a_quorum_of_options_needs_a_default(self) -> None:
        with pytest.raises(ValidationError, match="name one"):
            SchulzeOptions(option_quorum=3)

    def test_other_names_tell_the_same_with_a_default(self) -> None:
        names = {"a": "z", "b": "y", "c": "x", "none": "default"}
        other = {papers.renamed(PAPER, ballot, names): weight for ballot, weight in AGAINST_NONE.items()}
        for times in (None, 1, 2):
            before = chosen(AGAINST_NONE, "a b c none", default="none", default_majority=times)
            after = chosen(other, "default x y z", default="default", default_majority=times)
            assert after.winners == tuple(names[one] for one in before.winners)
            assert codes(after) == codes(before)
