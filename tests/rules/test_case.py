"""What a rule may look at: rounds, what stands, and the view of a wrapped rule."""

from app.rules.contract import (
    Case,
    Electorate,
    Floor,
    Held,
    Outcome,
    Phase,
    Voter,
    Word,
    electors,
    forum,
    named,
    office,
    proposer,
    under,
)
from app.rules.driver import Process
from app.rules.lots import drawn
from tests.rules.stories import consent, people
from tests.rules.stories import electors as voters

E4 = voters(people(4))


def phase(kind: str, *, carries: bool = False, path: tuple[str, ...] = ()) -> Phase:
    return Phase(kind, (Floor(electors(), "position"),), carries=carries, path=path)


def said(ref: str, by: str, value: str, version: int = 1) -> Word:
    return Word(ref, by, "position", value, version=version)


class TestWho:
    def test_expressions_are_the_same_however_they_are_written(self) -> None:
        assert electors("b", "a", "b", "").barring == ("a", "b")
        assert office("facilitator", "b", "a").barring == ("a", "b")
        assert named("b", "a", "a").ids == ("a", "b")
        assert (forum("lots").name, proposer().what) == ("lots", "proposer")


class TestRounds:
    def test_a_round_is_what_carries_on(self) -> None:
        held = tuple(Held(phase(kind, carries=kind > "b"), 1, E4) for kind in "abcd")
        assert [one.phase.kind for one in Case("m01", E4, held).round()] == ["b", "c", "d"]
        assert Case("m01", E4).round() == ()

    def test_a_first_phase_that_carries_is_a_round_too(self) -> None:
        assert len(Case("m01", E4, (Held(phase("a", carries=True), 1, E4),)).round()) == 1

    def test_what_stands_is_the_last_word_on_the_revision_in_force_of_those_still_there(self) -> None:
        first = Held(
            phase("a"),
            1,
            E4,
            (said("w1", "m02", "objection"), said("w2", "m03", "consent"), said("w3", "m04", "consent")),
        )
        later = Held(phase("b", carries=True), 1, E4.without(["m04"]), (said("w4", "m02", "consent"),))
        assert [word.ref for word in Case("m01", E4, (first, later)).standing("position")] == ["w2", "w4"]
        amended = Held(
            phase("c", carries=True),
            1,
            E4,
            (Word("w5", "m01", "amendment", "substantive"), said("w6", "m03", "consent", 2)),
        )
        assert [word.ref for word in Case("m01", E4, (first, amended)).standing("position")] == ["w6"]
        assert Case("m01", E4).standing("position") == ()


class TestWrapping:
    def test_a_wrapped_rule_sees_its_own_phases_only(self) -> None:
        mine = under("second", phase("a"))
        assert isinstance(mine, Phase)
        case = Case("m01", E4, (Held(phase("x", path=("first",)), 1, E4), Held(mine, 1, E4)))
        assert [(one.phase.kind, one.phase.path) for one in case.within("second").held] == [("a", ())]

    def test_outcomes_and_going_on_pass_through(self) -> None:
        assert under("second", None) is None
        assert under("second", Outcome("lapsed")) == Outcome("lapsed")
        assert Outcome("lapsed").code == ""


class TestElectorate:
    def test_the_recused_do_not_vote(self) -> None:
        some = Electorate((Voter("a"), Voter("b", recused="vote"), Voter("c", recused="vote_and_quorum")))
        assert some.voting.ids == {"a"}
        assert len(some) == 3


class TestLots:
    def test_anybody_can_draw_again(self) -> None:
        ids = [f"M{number:03}" for number in range(1, 11)]
        assert drawn(ids, "2026-10-01/jury-prix/0c3f9a")[:3] == ("M005", "M007", "M010")
        assert drawn(reversed(ids), "2026-10-01/jury-prix/0c3f9a") == drawn(ids, "2026-10-01/jury-prix/0c3f9a")


class TestDriver:
    def test_everybody_may_speak_on_a_floor_of_members(self) -> None:
        process: Process = consent(3)
        assert process._holders(electors("m01")) == {"m02", "m03"}
        process.leave("m03")
        assert process.open_floors()
        process.run_out()
        assert process.open_floors() == ()
