"""Instant runoff, single transferable vote and two rounds by the worked examples, with their ties and explanations."""

from fractions import Fraction

import pytest

from app.rules.builtin.irv_1 import InstantRunoff
from app.rules.builtin.stv_1 import SingleTransferableVote
from app.rules.builtin.two_round_1 import TwoRound
from app.rules.conformance import Conformance
from app.rules.lots import drawn
from app.rules.papers import BadBallot
from tests.rules.stories import codes
from tests.rules.told.two_round_1 import twice
from tests.rules.transferring import (
    AFTER_RAISING,
    BEAT_PATHS,
    BEFORE_RAISING,
    CITIES,
    HIDDEN_TIE,
    IRELAND,
    MIDDLE_FIRST_OUT,
    SEED,
    TIED_AT_ONCE,
    TIED_LATER,
    TWO_OF_FIVE,
    TWO_OF_FOUR,
    counted,
    decided,
    facts,
    irv,
    rows,
    stv,
    two_round,
)


def fine(figure: str) -> Fraction:
    """A figure with decimals, exactly."""
    return Fraction(figure)


class TestInstantRunoff:
    def test_p01_three_rounds(self) -> None:
        outcome = decided(irv(), CITIES).run_out()
        assert (outcome.verdict, outcome.winners) == ("elected", ("k",))
        assert outcome.tables["rounds"] == (
            ("option", "round_1", "round_2", "round_3", "result"),
            ("c", 15, "out", "out", "out_in_1"),
            ("k", 17, 32, 58, "elected_in_3"),
            ("m", 42, 42, 42, "standing"),
            ("n", 26, 26, "out", "out_in_2"),
            ("not_transferable", 0, 0, 0, "none"),
            ("counting", 100, 100, 100, "none"),
        )

    def test_p02_ireland(self) -> None:
        outcome = counted(irv(), IRELAND)
        assert outcome.winners == ("robinson",)
        assert rows(outcome) == {
            "option": ("round_1", "round_2", "result"),
            "currie": (267902, "out", "out_in_1"),
            "lenihan": (694484, 731273, "standing"),
            "robinson": (612265, 817830, "elected_in_2"),
            "not_transferable": (0, 25548, "none"),
            "counting": (1574651, 1549103, "none"),
        }
        assert facts(outcome, "elected") == {"option": "robinson", "round": 2, "votes": 817830, "counting": 1549103}

    def test_p07a_without_a_lot_the_tie_is_the_outcome(self) -> None:
        outcome = decided(irv(), TIED_AT_ONCE).run_out()
        assert (outcome.verdict, outcome.winners) == ("tied", ())
        assert codes(outcome) == ("tie", "would_not_have_tied")
        assert facts(outcome, "tie") == {"options": "opt_b,opt_c", "round": 1, "votes": 3}
        assert [rows(outcome)[option][-1] for option in ("opt_a", "opt_b", "opt_c")] == ["standing", "tied", "tied"]

    def test_p07a_with_the_lot_the_earlier_is_kept(self) -> None:
        process = decided(irv(tie_break="lot"), TIED_AT_ONCE, seed=SEED)
        outcome = process.run_out()
        assert process.kinds == ("ballot", "drawing+")
        assert (outcome.verdict, outcome.winners) == ("elected", ("opt_a",))
        assert facts(outcome, "out_by_tie_break")["out"] == "opt_c"
        assert facts(outcome, "lots_drawn") == {"order": "opt_a,opt_b,opt_c"}

    def test_p07a_if_the_other_went_out_another_would_win(self) -> None:
        outcome = counted(irv(tie_break="lot"), TIED_AT_ONCE, order=("opt_c", "opt_a", "opt_b"))
        assert outcome.winners == ("opt_c",)
        assert rows(outcome)["opt_c"][:2] == (3, 6)

    def test_p07b_looking_back(self) -> None:
        outcome = decided(irv(), TIED_LATER).run_out()
        assert outcome.winners == ("b",)
        assert [rows(outcome)[option][:3] for option in "abcd"] == [
            (6, 6, 6),
            (5, 5, 9),
            (4, 5, "out"),
            (1, "out", "out"),
        ]
        assert rows(outcome)["not_transferable"][:3] == (0, 0, 1)
        assert facts(outcome, "looked_back") == {"options": "b,c", "round": 2, "votes": 5, "out": "c", "earlier": 1}

    def test_p07b_where_nobody_looks_back_the_tie_remains(self) -> None:
        outcome = counted(irv(look_back=False), TIED_LATER)
        assert (outcome.verdict, facts(outcome, "tie")["options"]) == ("tied", "b,c")

    def test_p13_two_who_came_close(self) -> None:
        assert decided(irv(), BEAT_PATHS).run_out().winners == ("a",)

    def test_p15_the_order_of_lots(self) -> None:
        assert drawn(("opt_c", "opt_b", "opt_a"), SEED) == ("opt_a", "opt_b", "opt_c")

    def test_p16_raising_an_option_can_make_it_lose(self) -> None:
        assert decided(irv(), BEFORE_RAISING).run_out().winners == ("a",)
        assert decided(irv(), AFTER_RAISING).run_out().winners == ("c",)
        assert "monotone" not in InstantRunoff.claims | SingleTransferableVote.claims | TwoRound.claims

    def test_w23_nine_to_eight(self) -> None:
        outcome = decided(irv(), MIDDLE_FIRST_OUT).run_out()
        assert outcome.winners == ("c",)
        assert rows(outcome)["b"][-1] == "out_in_1"
        assert (rows(outcome)["c"][1], rows(outcome)["a"][1]) == (9, 8)


class TestSingleTransferableVote:
    def test_p08_exact(self) -> None:
        outcome = decided(stv(), TWO_OF_FIVE).run_out()
        b, c, d = Fraction(1627, 57), Fraction(1109, 57), Fraction(1736, 57)
        assert (outcome.verdict, outcome.winners) == ("elected", ("a", "c"))
        assert outcome.tables["rounds"] == (
            ("option", "round_1", "round_2", "round_3", "round_4", "round_5", "result"),
            ("a", 57, 34, 34, 34, 34, "elected_in_1"),
            ("b", 12, b, b, b, "out", "out_in_4"),
            ("c", 13, c, c, d, 47, "elected_in_5"),
            ("d", 11, 11, 18, "out", "out", "out_in_3"),
            ("e", 7, 7, "out", "out", "out", "out_in_2"),
            ("not_transferable", 0, 0, 0, 7, 19, "none"),
            ("lost", 0, 0, 0, 0, 0, "none"),
            ("quota", 34, 34, 34, 34, 34, "none"),
        )
        assert codes(outcome) == ("elected", "reached_quota", "last_standing", "last_out")

    def test_p08_five_decimals(self) -> None:
        outcome = decided(stv(arithmetic="five_decimals"), TWO_OF_FIVE).run_out()
        b, c = fine("28.54350"), fine("19.45600")
        assert outcome.winners == ("a", "c")
        assert rows(outcome) == {
            "option": ("round_1", "round_2", "round_3", "round_4", "round_5", "result"),
            "a": (57, 34, 34, 34, 34, "elected_in_1"),
            "b": (12, b, b, b, "out", "out_in_4"),
            "c": (13, c, c, fine("30.45600"), fine("46.9995"), "elected_in_5"),
            "d": (11, 11, 18, "out", "out", "out_in_3"),
            "e": (7, 7, "out", "out", "out", "out_in_2"),
            "not_transferable": (0, 0, 0, 7, 19, "none"),
            "lost": (0, *(fine("0.0005"),) * 4, "none"),
            "quota": (34, 34, 34, 34, 34, "none"),
        }

    def test_w26_two_of_four(self) -> None:
        outcome = decided(stv(), TWO_OF_FOUR).run_out()
        b, c = Fraction(163, 18), Fraction(125, 18)
        assert outcome.winners == ("a", "c")
        assert facts(outcome, "elected") == {"options": "a,c", "seats": 2, "of": 30, "quota": 11, "quota_is": "droop"}
        assert rows(outcome)["a"] == (18, 11, 11, 11, "elected_in_1")
        assert rows(outcome)["b"] == (4, b, b, "out", "out_in_3")
        assert rows(outcome)["c"] == (5, c, Fraction(179, 18), 19, "elected_in_4")
        assert rows(outcome)["d"] == (3, 3, "out", "out", "out_in_2")
        assert facts(outcome, "last_out") == {
            "options": "b",
            "round": 3,
            "votes": b,
            "behind": Fraction(16, 18),
            "ahead": "c",
        }

    def test_p18_exact_the_tie_is_on_record_and_an_earlier_round_parts_it(self) -> None:
        outcome = decided(stv(seats=5), HIDDEN_TIE).run_out()
        assert outcome.winners == ("a1", "a2", "a3", "a4", "b1")
        assert facts(outcome, "elected")["quota"] == 11
        assert facts(outcome, "looked_back") == {"options": "a5,b1", "round": 5, "votes": 8, "out": "a5", "earlier": 4}
        assert [rows(outcome)[option][place] for place, option in enumerate(("a1", "a2", "a3", "a4", "a5"))] == [
            52,
            41,
            30,
            19,
            8,
        ]

    def test_p18_exact_without_looking_back_the_tie_remains(self) -> None:
        outcome = decided(stv(seats=5, look_back=False), HIDDEN_TIE).run_out()
        assert (outcome.verdict, outcome.winners) == ("tied", ("a1", "a2", "a3", "a4"))
        assert outcome.reasons[0].facts == {"options": "a5,b1", "round": 5, "votes": 8}
        assert codes(outcome) == ("tie", "would_have_filled", *("reached_quota",) * 4)

    @pytest.mark.parametrize(("first", "last"), [("a5", "b1"), ("b1", "a5")])
    def test_p18_exact_by_lot(self, first: str, last: str) -> None:
        rule = stv(seats=5, look_back=False, tie_break="lot")
        outcome = counted(rule, HIDDEN_TIE, order=("a1", first, "a2", "a3", "a4", last))
        assert outcome.winners == ("a1", "a2", "a3", "a4", first)
        assert facts(outcome, "out_by_tie_break") == {"options": "a5,b1", "round": 5, "votes": 8, "out": last}

    def test_p18_five_decimals_hide_the_tie(self) -> None:
        outcome = decided(stv(seats=5, arithmetic="five_decimals", look_back=False), HIDDEN_TIE).run_out()
        assert outcome.winners == ("a1", "a2", "a3", "a4", "b1")
        behind = facts(outcome, "last_out")["behind"]
        assert behind == 8 - Fraction(str(rows(outcome)["a5"][4])) == fine("0.00032")


class TestTwoRounds:
    def test_w31(self) -> None:
        process = twice(two_round(), {"a": 48, "b": 39, "c": 34}, {"a": 55, "b": 62, "blank": 4})
        outcome = process.run_out()
        second = process.case.held[1].phase
        assert (second.floors[0].among, second.carries) == (("a", "b"), False)
        assert (outcome.verdict, outcome.winners) == ("elected", ("b",))
        assert facts(outcome, "elected") == {"option": "b", "votes": 62, "of": 117}
        assert facts(outcome, "runoff")["options"] == "a,b"
        assert outcome.tables["rounds"] == (
            ("option", "round_1", "round_2", "result"),
            ("a", 48, 55, "standing"),
            ("b", 39, 62, "elected_in_2"),
            ("c", 34, "out", "out_in_1"),
            ("abstain", 0, 0, "none"),
            ("blank", 0, 4, "none"),
        )

    def test_nobody_can_vote_for_who_is_out(self) -> None:
        process = decided(two_round(), {"a": 48, "b": 39, "c": 34})
        with pytest.raises(BadBallot, match="unknown_option"):
            process.say("m01", "ballot", "c")


class TestInstantRunoffConforms(Conformance):
    rule = InstantRunoff
    variants = (
        {},
        {"stop": "last_two"},
        {"tie_break": "lot"},
        {"look_back": False, "tie_break": "lot", "visibility": "secret"},
        {"tie_break": "revote", "quorum": "1/2", "late_quorum": "P1D"},
        {"tie_break": "chair_casting"},
        {"tie_break": "incumbent", "incumbent": "fig"},
        {"tie_break": "seniority", "collecting": "P1D"},
        {"quorum": "1/2", "visibility": "sealed"},
        {"quorum": "1/2", "late_quorum": "P1D"},
    )


class TestSingleTransferableVoteConforms(Conformance):
    rule = SingleTransferableVote
    variants = (
        {},
        {"seats": 1},
        {"seats": 3, "quota": "hare"},
        {"quota": "droop_recomputed", "tie_break": "lot"},
        {"arithmetic": "five_decimals", "look_back": False, "visibility": "secret"},
        {"arithmetic": "five_decimals", "quota": "hare", "seats": 3, "quorum": "1/2"},
    )


class TestTwoRoundConforms(Conformance):
    rule = TwoRound
    variants = (
        {},
        {"tie_break": "lot"},
        {"threshold": "2/5", "op": "gte", "finalists": "1/4"},
        {"quorum": "1/2", "visibility": "sealed"},
        {"threshold": "0", "visibility": "secret", "tie_break": "lot"},
        {"tie_break": "lot", "quorum": "1/2", "late_quorum": "P1D"},
        {"tie_break": "revote", "visibility": "secret"},
        {"tie_break": "chair_casting", "collecting": "P1D"},
        {"tie_break": "incumbent", "incumbent": "plum"},
        {"tie_break": "seniority"},
    )
