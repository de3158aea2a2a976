"""What a rule makes of what is known: past decisions told again, votes imagined, and no answer where none is known."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.case import Case, Held, Outcome, Phase, Step
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule
from app.rules.driver import Process
from app.rules.profile import Profile
from app.rules.rehearsal import Incomparable, Need, Rehearsal, first_vote, needed, polled, retold
from tests.rules.stories import all_say, codes, consent, electors, majority, object_, people, vote

OPTIONS = ("ash", "elm", "oak")


@pytest.fixture(scope="module")
def bind() -> Callable[..., DecisionRule]:
    catalogue = Catalogue.load()

    def bound(slug: str, **options: Any) -> DecisionRule:
        return catalogue.bind(slug, None, options)

    return bound


Bind = Callable[..., DecisionRule]


def inner(slug: str, **options: Any) -> dict[str, Any]:
    return {"rule": slug, "options": options}


def decided(process: Process) -> Case:
    process.run_out()
    return process.case


def voted(electorate: int, options: dict[str, Any], **cast: int) -> Case:
    process = majority(electorate, **options)
    vote(process, **cast)
    return decided(process)


def chosen(rule: DecisionRule, *ballots: str, voters: int = 9) -> Case:
    process = Process(rule, electors(people(voters)), "m01", on_ballot=OPTIONS, forums={"lots": "ab" * 32})
    for name, ballot in zip(people(voters), ballots, strict=False):
        process.say(name, "ballot", ballot)
    return decided(process)


def imagined(number: int, **cast: int) -> tuple[Case, Held]:
    electorate = electors(people(number))
    rows = {(value.rstrip("_"), "", ""): {"heads": Fraction(count)} for value, count in cast.items()}
    held = Held(Phase("ballot", ()), 1, electorate, profile=Profile(rows), ended="deadline")
    return Case("m01", electorate), held


def verdict(found: Rehearsal) -> str:
    assert isinstance(found.step, Outcome), found.step
    return found.step.verdict


def asks(found: Rehearsal) -> str:
    assert isinstance(found.step, Phase), found.step
    return found.step.kind


def _rows(*ballots: str) -> dict[tuple[str, str, str], dict[str, Fraction]]:
    return {(ballot, "", ""): {"heads": Fraction(1)} for ballot in ballots}


class _Endless(Majority):
    """After its vote it gives no step, or ever more time."""

    def __init__(self, silent: bool) -> None:
        super().__init__(MajorityOptions())
        self.silent = silent

    def after(self, case: Case) -> Step:
        if case.now is None:
            return super().after(case)
        return None if self.silent else Phase("waiting", (), "P1D")


class TestVotesToldAgain:
    @pytest.mark.parametrize(
        ("cast", "simple", "qualified"),
        [({"for_": 6, "against": 4}, "adopted", "not_adopted"), ({"for_": 8, "against": 2}, "adopted", "adopted")],
    )
    def test_another_threshold(self, bind: Bind, cast: dict[str, int], simple: str, qualified: str) -> None:
        case = voted(12, {}, **cast)
        assert verdict(retold(bind("majority"), case)) == simple
        assert verdict(retold(bind("majority", threshold="2/3", op="gte"), case)) == qualified

    def test_what_was_recorded_is_what_its_own_rule_says_again(self, bind: Bind) -> None:
        for options, cast in (
            ({}, {"for_": 3, "against": 2}),
            ({"tie_break": "chair_casting"}, {"for_": 3, "against": 3}),
            ({"quorum": "1/2", "late_quorum": "P1D"}, {"for_": 4}),
            ({"early_close": True}, {"for_": 7}),
        ):
            process = majority(12, **options)
            vote(process, **cast)
            outcome = process.run_out()
            assert retold(bind("majority", **options), process.case).step == outcome

    def test_a_wrapper_takes_the_vote_for_its_own(self, bind: Bind) -> None:
        case = voted(12, {}, for_=4, against=1)
        once, twice = [{"share": "1/2"}], [{"share": "1/2"}, {"share": "0"}]
        assert verdict(retold(bind("quorum", inner=inner("majority"), calls=once), case)) == "invalid"
        again = retold(bind("quorum", inner=inner("majority"), calls=twice), case)
        assert (asks(again), codes(again.step)[0]) == ("ballot", "no_quorum"), "a second call is a vote nobody held"

    def test_a_tie_that_the_chair_would_break_needs_the_chair(self, bind: Bind) -> None:
        found = retold(bind("majority", tie_break="chair_casting"), voted(6, {}, for_=3, against=3))
        assert (asks(found), codes(found.step)) == ("casting_vote", ("tie",))

    def test_time_alone_passes(self, bind: Bind) -> None:
        case = voted(6, {}, for_=3, against=1)
        assert verdict(retold(bind("delayed", inner=inner("majority")), case)) == "adopted"
        assert verdict(retold(bind("majority", quorum="1/2", late_quorum="P1D"), case)) == "adopted"
        assert verdict(retold(bind("majority", quorum="5/6", late_quorum="P1D"), case)) == "invalid"

    def test_a_vote_that_stayed_open_for_longer_is_one_vote(self, bind: Bind) -> None:
        process = majority(6, quorum="1/2", late_quorum="P1D")
        vote(process, for_=1)
        process.deadline()
        for name in people(6)[1:3]:
            process.say(name, "ballot", "against")
        assert verdict(retold(bind("majority"), decided(process))) == "not_adopted"

    def test_a_vote_that_closed_early_says_nothing_while_others_could_have_changed_it(self, bind: Bind) -> None:
        process = majority(5, early_close=True)
        vote(process, for_=3)
        assert process.rule.foregone(process.case)
        case = replace(process.case, held=(replace(process.now, ended="complete"),))
        with pytest.raises(Incomparable, match="closed_early"):
            retold(bind("majority", threshold="4/5"), case)
        assert verdict(retold(bind("majority", threshold="2/5"), case)) == "adopted"

    def test_other_values_and_other_papers_are_not_comparable(self, bind: Bind) -> None:
        hands = Process(bind("fist_to_five"), electors(people(4)), "m01")
        for name in people(4):
            hands.say(name, "ballot", hands.now.phase.floors[0].among[0])
        for case, rule, code in (
            (decided(hands), bind("majority"), "other_values"),
            (chosen(bind("approval"), "ash,elm", "elm"), bind("majority"), "other_paper"),
            (chosen(bind("approval"), "ash,elm", "elm"), bind("schulze"), "other_paper"),
            (chosen(bind("approval"), "ash,elm", "elm"), bind("approval", max_choices=1), "other_values"),
            (voted(5, {}, for_=3), bind("consent"), "no_vote"),
            (voted(5, {}, for_=3), bind("schulze"), "no_vote"),
            (voted(5, {}, for_=3), bind("sponsored", inner=inner("majority")), "no_vote"),
        ):
            with pytest.raises(Incomparable, match=code):
                retold(rule, case)

    def test_why_no_vote_would_have_opened_is_told(self, bind: Bind) -> None:
        with pytest.raises(Incomparable) as refused:
            retold(bind("schulze"), voted(5, {}, for_=3))
        assert [one.code for one in refused.value.reasons] == ["too_few_options"]


class TestChoicesToldAgain:
    def test_rankings_under_another_rule_for_rankings(self, bind: Bind) -> None:
        case = chosen(bind("irv"), *["ash>elm"] * 4, *["oak>elm"] * 3, *["elm>oak"] * 2)
        found = [retold(bind(slug), case).step for slug in ("irv", "schulze", "borda")]
        assert [one.winners for one in found if isinstance(one, Outcome)] == [("oak",), ("elm",), ("elm",)]

    def test_options_that_members_added_stand_on_the_ballot(self, bind: Bind) -> None:
        rule = bind("approval", collecting="P2D")
        process = Process(rule, electors(people(5)), "m01", on_ballot=("ash", "elm"))
        added = process.say("m02", "option", "option")
        process.deadline()
        for name in people(3):
            process.say(name, "ballot", added)
        case = decided(process)
        for options in ({}, {"collecting": "P2D"}):
            found = retold(bind("approval", **options), case).step
            assert isinstance(found, Outcome)
            assert found.winners == (added,)
        tied = replace(case, held=(case.held[0], replace(case.held[1], profile=Profile(_rows("elm", added)))))
        assert asks(retold(bind("approval", tie_break="lot"), tied)) == "drawing"

    def test_a_second_round_with_others_needs_more(self, bind: Bind) -> None:
        ballots = [*["ash"] * 4, *["elm"] * 3, *["oak"] * 2]
        process = Process(bind("two_round"), electors(people(9)), "m01", on_ballot=OPTIONS)
        for name, ballot in zip(people(9), ballots, strict=True):
            process.say(name, "ballot", ballot)
        for name in people(9)[:5]:
            process.say(name, "ballot", "ash")
        case = decided(process)
        assert verdict(retold(bind("two_round"), case)) == "elected"
        assert asks(retold(bind("two_round", finalists="1/5"), case)) == "ballot"
        assert verdict(retold(bind("two_round", threshold="1/3"), case)) == "elected"

    def test_lots_that_were_drawn_are_drawn_again(self, bind: Bind) -> None:
        case = chosen(bind("approval", tie_break="lot"), "ash", "elm")
        assert retold(bind("approval", tie_break="lot"), case).step == bind("approval", tie_break="lot").after(case)
        assert asks(retold(bind("approval", tie_break="lot"), chosen(bind("approval"), "ash", "elm"))) == "drawing"


class TestWordsToldAgain:
    def test_other_options_of_the_same_rule(self, bind: Bind) -> None:
        process = consent(7, min_participation="1/2")
        all_say(process, people(7)[1:5])
        case = decided(process)
        begins = {"begins_with": "objecting"}
        assert retold(bind("consent", **begins, min_participation="1/2"), case).step == process.outcome
        assert verdict(retold(bind("consent", **begins, min_participation="1/2", max_rounds=5), case)) == "adopted"
        short = retold(bind("consent", **begins, min_participation="5/6"), case)
        assert (asks(short), codes(short.step)[0]) == ("objecting", "extended")

    def test_other_phases_and_other_rules_are_not_comparable(self, bind: Bind) -> None:
        process = consent(5)
        all_say(process, people(5)[1:])
        for rule in (bind("consent"), bind("majority"), bind("schulze"), bind("consent", stand_aside=True)):
            with pytest.raises(Incomparable, match="decided_by_words"):
                retold(rule, decided(process))

    def test_a_rule_that_would_have_listened_on_says_so(self, bind: Bind) -> None:
        process = consent(4, tolerance=0)
        object_(process, "m02")
        all_say(process, people(4)[2:])
        case = process.case
        more = retold(bind("consent", begins_with="objecting", judge="group"), case)
        assert isinstance(more.step, Phase)

    @pytest.mark.parametrize("silent", [True, False])
    def test_a_rule_that_does_not_end_says_nothing(self, silent: bool) -> None:
        with pytest.raises(Incomparable, match="goes_on"):
            retold(_Endless(silent), voted(3, {}, for_=2))


class TestImaginedVotes:
    @pytest.mark.parametrize(
        ("base", "expected"), [("cast", "adopted"), ("present", "not_adopted"), ("entitled", "not_adopted")]
    )
    def test_w01(self, bind: Bind, base: str, expected: str) -> None:
        case, ballots = imagined(60, for_=18, against=14, abstain=8)
        rule = bind("majority", base=base)
        first = first_vote(rule, case)
        assert isinstance(first, Phase)
        found = polled(rule, case, Held(first, 1, case.electorate, profile=ballots.profile, ended="deadline"))
        assert verdict(found) == expected

    @pytest.mark.parametrize(
        ("options", "cast", "fewest"),
        [
            ({}, {"abstain": 3}, 5),
            ({"base": "expressed"}, {"abstain": 3}, 7),
            ({"threshold": "2/3", "op": "gte"}, {"abstain": 3}, 6),
            ({"base": "entitled"}, {"abstain": 3, "for_": 7}, 0),
            ({"base": "entitled"}, {"abstain": 6}, None),
        ],
    )
    def test_what_the_silent_would_have_to_say(
        self, bind: Bind, options: dict[str, Any], cast: dict[str, int], fewest: int | None
    ) -> None:
        """Twelve voters, some of whom have voted."""
        rule = bind("majority", **options)
        case, ballots = imagined(12, **cast)
        first = first_vote(rule, case)
        assert isinstance(first, Phase)
        held = Held(first, 1, case.electorate, profile=ballots.profile, ended="deadline")
        assert needed(rule, case, held) == Need("for", "against", 12 - sum(cast.values()), fewest)
        wrapped = bind("quorum", inner=inner("majority", **options), calls=[{"share": "1/2"}])
        assert needed(wrapped, case, held) == needed(rule, case, held)

    def test_where_it_is_no_one_number_nothing_is_said(self, bind: Bind) -> None:
        case, ballots = imagined(3, for_=3)
        for rule in (bind("majority"), bind("weighted", inner=inner("majority"), measure="votes"), bind("approval")):
            first = first_vote(bind("majority"), case)
            assert isinstance(first, Phase)
            held = Held(first, 1, case.electorate, profile=ballots.profile, ended="deadline")
            assert needed(rule, case, held) is None

    def test_a_rule_that_begins_with_words_holds_no_vote(self, bind: Bind) -> None:
        case, _ = imagined(3)
        for rule in (bind("consent"), bind("sponsored", inner=inner("majority")), bind("sortition", k=1)):
            with pytest.raises(Incomparable, match="no_vote"):
                first_vote(rule, case)
        ended = first_vote(bind("schulze"), case)
        assert isinstance(ended, Outcome)
        assert ended.code == "too_few_options"
