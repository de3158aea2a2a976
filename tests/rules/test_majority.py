"""Majorities by the worked examples, and what every count guards: quorum, ties, an author alone, early closing."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.contract import Case, Electorate, Held, Outcome, Phase, Profile, Voter
from app.rules.counting import UNCAST, CountingRule
from app.rules.driver import Process, Refused
from tests.rules.stories import codes, electors, majority, people, vote


def counted(electorate: int, options: dict[str, Any], **cast: int) -> Outcome:
    """The outcome at the deadline."""
    process = majority(electorate, **options)
    vote(process, **cast)
    return process.run_out()


class TestWorkedExamples:
    @pytest.mark.parametrize(
        ("base", "of", "verdict"),
        [("cast", 32, "adopted"), ("present", 40, "not_adopted"), ("entitled", 60, "not_adopted")],
    )
    def test_w01(self, base: str, of: int, verdict: str) -> None:
        outcome = counted(60, {"base": base}, for_=18, against=14, abstain=8)
        assert outcome.verdict == verdict
        assert (outcome.reasons[0].facts["for"], outcome.reasons[0].facts["base"]) == (18, of)

    @pytest.mark.parametrize(("op", "verdict"), [("gte", "adopted"), ("gt", "not_adopted")])
    def test_w02(self, op: str, verdict: str) -> None:
        assert counted(30, {"threshold": "2/3", "op": op}, for_=20, against=10).verdict == verdict

    @pytest.mark.parametrize(
        ("base", "verdict", "share"), [("cast", "adopted", (2, 3)), ("present", "not_adopted", (3, 5))]
    )
    def test_w03(self, base: str, verdict: str, share: tuple[int, int]) -> None:
        outcome = counted(20, {"threshold": "2/3", "op": "gte", "base": base}, for_=12, against=6, blank=2)
        facts = outcome.reasons[0].facts
        assert outcome.verdict == verdict
        assert Fraction(int(str(facts["for"])), int(str(facts["base"]))) == Fraction(*share)

    @pytest.mark.parametrize("value", ["abstain", "blank"])
    def test_w04(self, value: str) -> None:
        outcome = counted(9, {"base": "expressed"}, **{value: 9})
        assert (outcome.verdict, codes(outcome)) == ("invalid", ("no_expressed_votes",))

    def test_w05_a_tie_rejects(self) -> None:
        outcome = counted(30, {}, for_=15, against=15)
        assert (outcome.verdict, codes(outcome)) == ("not_adopted", ("tie", "would_have_passed"))

    @pytest.mark.parametrize(("vote_of_chair", "verdict"), [("for", "adopted"), ("against", "not_adopted")])
    def test_w05_the_chair_breaks_the_tie(self, vote_of_chair: str, verdict: str) -> None:
        process = majority(30, tie_break="chair_casting")
        vote(process, for_=15, against=15)
        assert process.kinds == ("ballot", "casting_vote+")
        with pytest.raises(Refused):
            process.say("m01", "casting_vote", "for")
        process.say("m02", "casting_vote", vote_of_chair)
        assert process.run_out().verdict == verdict
        assert codes(process.run_out()) == ("chair_casting", "tie")


class TestThresholds:
    @pytest.mark.parametrize(("op", "threshold"), [("gt", "1"), ("gte", "0")])
    def test_what_nobody_or_everybody_reaches_is_no_threshold(self, op: str, threshold: str) -> None:
        with pytest.raises(ValidationError):
            majority(4, op=op, threshold=threshold)


class TestExplanation:
    @pytest.mark.parametrize(
        ("options", "cast", "code", "votes"),
        [
            ({}, {"for_": 18, "against": 14}, "would_have_failed", 2),  # 16 of 32 is no longer more than half
            ({}, {"for_": 17, "against": 15}, "would_have_failed", 1),
            ({}, {"for_": 14, "against": 18}, "would_have_passed", 3),  # 17 of 32
            ({"threshold": "2/3", "op": "gte"}, {"for_": 20, "against": 10}, "would_have_failed", 1),
            ({"threshold": "2/3"}, {"for_": 20, "against": 10}, "would_have_passed", 1),
            ({"threshold": "1/3", "op": "gte"}, {"for_": 3, "against": 7}, "would_have_passed", 1),  # 4 of 10
        ],
    )
    def test_what_would_have_changed_it(
        self, options: dict[str, Any], cast: dict[str, int], code: str, votes: int
    ) -> None:
        outcome = counted(40, options, **cast)
        assert (outcome.reasons[1].code, outcome.reasons[1].facts) == (code, {"votes": votes})

    def test_moving_so_many_votes_does_change_it(self) -> None:
        for votes_for in range(2, 30):
            outcome = counted(30, {}, for_=votes_for, against=30 - votes_for)
            moved = int(str(outcome.reasons[1].facts["votes"]))
            step = -1 if outcome.verdict == "adopted" else 1
            enough = votes_for + step * moved
            assert counted(30, {}, for_=enough, against=30 - enough).verdict != outcome.verdict
            almost = enough - step
            assert counted(30, {}, for_=almost, against=30 - almost).verdict == outcome.verdict

    @pytest.mark.parametrize("base", ["cast", "expressed", "present", "entitled"])
    @pytest.mark.parametrize("cast", [(18, 14, 8), (20, 2, 5), (16, 15, 1)])
    def test_so_many_votes_against_instead_reject_it_in_every_base(self, base: str, cast: tuple[int, int, int]) -> None:
        """Abstaining instead might not: where abstentions are not in the base they make it smaller."""
        for_, against, abstain = cast
        outcome = counted(40, {"base": base}, for_=for_, against=against, abstain=abstain)
        if outcome.verdict == "adopted":
            moved = int(str(outcome.reasons[1].facts["votes"]))
            for votes, verdict in ((moved, "not_adopted"), (moved - 1, "adopted")):
                instead = {"for_": for_ - votes, "against": against + votes, "abstain": abstain}
                assert counted(40, {"base": base}, **instead).verdict == verdict

    def test_the_tables_hold_every_ballot(self) -> None:
        outcome = counted(40, {}, for_=3, against=2, abstain=1, blank=1)
        assert outcome.tables["ballots"] == (
            ("choice", "votes"),
            ("for", 3),
            ("against", 2),
            ("abstain", 1),
            ("blank", 1),
            (UNCAST, 0),
        )


class TestGuards:
    @pytest.mark.parametrize(("cast", "verdict"), [({"for_": 1}, "invalid"), ({"for_": 2}, "adopted")])
    def test_an_author_who_may_vote_needs_somebody_else(self, cast: dict[str, int], verdict: str) -> None:
        assert counted(5, {}, **cast).verdict == verdict

    def test_blank_ballots_of_others_do_not_help_an_author(self) -> None:
        outcome = counted(5, {}, for_=1, blank=4)
        assert (outcome.verdict, codes(outcome)) == ("invalid", ("author_alone",))

    def test_an_author_who_may_not_vote_needs_one(self) -> None:
        process = Process(Majority(MajorityOptions()), electors(people(3)), "somebody else")
        vote(process, for_=1)
        assert process.run_out().verdict == "adopted"

    @pytest.mark.parametrize(
        ("cast", "verdict", "code"), [(4, "invalid", "no_quorum"), (5, "adopted", "quorum_reached")]
    )
    def test_a_quorum_counts_those_who_take_part_and_is_rounded_up(self, cast: int, verdict: str, code: str) -> None:
        outcome = counted(9, {"quorum": "1/2"}, for_=cast)
        assert outcome.verdict == verdict
        assert outcome.reasons[-1].code == code
        assert outcome.reasons[-1].facts == {"took_part": cast, "needed": 5, "of": 9}

    def test_a_ballot_goes_on_while_people_leave_and_keeps_what_was_cast(self) -> None:
        process = majority(5)
        vote(process, for_=2)
        process.leave("m01")
        process.leave("m05")
        assert process.kinds == ("ballot",)
        assert len(process.now.electorate) == 4
        outcome = process.run_out()
        assert (outcome.verdict, outcome.reasons[0].facts["for"]) == ("adopted", 2)

    def test_the_last_ballot_counts(self) -> None:
        process = majority(3)
        vote(process, for_=2)
        process.say("m02", "ballot", "against")
        process.say("m03", "ballot", "against")
        assert process.run_out().reasons[0].facts["against"] == 2


def held_ballot(voters: Electorate, rows: dict[str, int], present: frozenset[str] | None, **options: Any) -> Outcome:
    """The outcome of a ballot in a meeting, with a roll of those present."""
    rule = Majority(MajorityOptions.model_validate(options))
    profile = Profile({(value, "", ""): {"heads": Fraction(n)} for value, n in rows.items()})
    phase = rule.ballot(Case("author", voters))
    assert isinstance(phase, Phase)
    step = rule.after(Case("author", voters, (Held(phase, 1, voters, (), profile, present, "deadline"),)))
    assert isinstance(step, Outcome)
    return step


class TestMeetings:
    def test_those_present_who_did_not_answer_are_in_the_base(self) -> None:
        voters = electors(people(60))
        outcome = held_ballot(voters, {"for": 18, "against": 14}, frozenset(people(40)), base="present")
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("not_adopted", 40)

    def test_those_present_make_the_quorum(self) -> None:
        voters = electors(people(10))
        assert held_ballot(voters, {"for": 2}, frozenset(people(6)), quorum="3/5").verdict == "adopted"
        assert held_ballot(voters, {"for": 2}, frozenset(people(5)), quorum="3/5").verdict == "invalid"

    @pytest.mark.parametrize(("effect", "of"), [("vote", 10), ("vote_and_quorum", 9)])
    def test_w42_recusal(self, effect: Any, of: int) -> None:
        voters = electors(people(10)).voters
        recused = Electorate((*voters[:9], replace(voters[9], recused=effect)))
        outcome = held_ballot(recused, {"for": 5, "against": 4}, None, quorum="1/2")
        assert (outcome.verdict, outcome.reasons[0].facts["base"]) == ("adopted", 9)
        assert outcome.reasons[-1].facts == {"took_part": 9, "needed": 5, "of": of}

    def test_no_profile_is_no_vote(self) -> None:
        rule = Majority(MajorityOptions())
        voters = electors(people(2))
        phase = rule.after(Case("author", voters))
        assert isinstance(phase, Phase)
        held = Held(phase, 1, voters, ended="deadline")
        step = rule.after(Case("author", voters, (held,)))
        assert codes(step) == ("no_expressed_votes",)


class TestWeighing:
    def test_a_wrapping_rule_says_what_the_whole_is(self) -> None:
        rows = {("for", "S", ""): {"heads": Fraction(239, 420)}, ("against", "S", ""): {"heads": Fraction(181, 420)}}
        rule = Majority(MajorityOptions())
        outcome = rule.count(Profile(rows, Fraction(1)), Electorate((Voter("a"),)), ())
        assert outcome.verdict == "adopted"
        assert outcome.reasons[0].facts["for"] == Fraction(239, 420)
        assert outcome.reasons[1].facts == {"weight": Fraction(29, 420), "op": "gte"}
        assert codes(outcome) == ("reached", "weight_would_fail")


class TestForegone:
    def at(self, electorate: int, options: dict[str, Any], **cast: int) -> bool:
        process = majority(electorate, early_close=True, **options)
        vote(process, **cast)
        return process.rule.foregone(process.case)

    def test_when_the_rest_cannot_change_it(self) -> None:
        assert self.at(5, {}, for_=3)
        assert self.at(5, {}, against=3)
        assert not self.at(5, {}, for_=2)
        assert not self.at(6, {}, for_=3)

    def test_before_anything_is_cast_or_opened(self) -> None:
        rule = Majority(MajorityOptions())
        assert not rule.foregone(Case("m01", electors(people(3))))
        assert not self.at(3, {})

    def test_never_while_ballots_are_sealed(self) -> None:
        assert not self.at(5, {"visibility": "sealed"}, for_=4)

    def test_not_while_the_chair_might_have_to_decide(self) -> None:
        assert self.at(6, {}, against=3)
        assert not self.at(6, {"tie_break": "chair_casting"}, against=3)

    def test_not_before_the_quorum(self) -> None:
        assert not self.at(9, {"base": "cast", "quorum": "7/9"}, for_=6)
        assert self.at(9, {"base": "cast", "quorum": "6/9"}, for_=6)

    def test_not_while_the_chair_decides(self) -> None:
        process = majority(4, early_close=True, tie_break="chair_casting")
        vote(process, for_=2, against=2)
        assert not process.rule.foregone(process.case)

    def test_everybody_voted_but_one_leaver(self) -> None:
        process = majority(3, early_close=True)
        held = replace(process.now, profile=Profile({("for", "", ""): {"heads": Fraction(3)}}))
        assert process.rule.foregone(replace(process.case, held=(held,)))


class Ranking(CountingRule):
    """A counting rule that writes only its count."""

    slug = "ranking"
    version = 1
    Options = Majority.Options
    forms = Majority.forms
    ballots = ("a", "b")

    def count(self, profile: Profile, electorate: Electorate, options: Any) -> Outcome:
        return Outcome("elected", winners=(max(profile.total(), key=lambda ballot: profile.total()[ballot]),))


def test_a_counting_rule_writes_only_its_count() -> None:
    process = Process(Ranking(MajorityOptions()), electors(people(3)), "m01")
    process.say("m01", "ballot", "a")
    process.say("m02", "ballot", "b")
    process.say("m03", "ballot", "b")
    assert process.run_out() == Outcome("elected", winners=("b",))
