"""What is said to have changed an outcome does change it, and a count of very many ballots is quick."""

import random
from collections.abc import Sequence

from app.rules.choosing import ChoosingRule
from app.rules.contract import Outcome
from tests.rules.transferring import (
    CITIES,
    MIDDLE_FIRST_OUT,
    Cast,
    counted,
    decided,
    electorates,
    facts,
    irv,
    rows,
    two_round,
)


class TestWhatWouldHaveChangedIt:
    def test_instant_runoff(self) -> None:
        """Votes of the last round that name the next option in the winner's place unseat the winner, whichever."""
        chance, said = random.Random(3), 0
        for ballots in electorates(400, 5, 15):
            outcome = counted(irv(), ballots, "abcde")
            for reason in (reason for reason in outcome.reasons if reason.code == "would_have_lost"):
                said += 1
                for other in str(reason.facts["others"]).split(","):
                    changed = named_instead(ballots, outcome, other, int(str(reason.facts["moved"])), chance)
                    assert outcome.winners != counted(irv(), changed, "abcde").winners, (ballots, other)
        assert said > 100

    def test_instant_runoff_one_vote_less_is_not_enough(self) -> None:
        outcome = counted(irv(), MIDDLE_FIRST_OUT)
        assert facts(outcome, "would_have_lost")["moved"] == 1
        cities = counted(irv(), CITIES)
        assert facts(cities, "would_have_lost") == {"option": "k", "round": 3, "others": "m", "votes": 42, "moved": 9}
        assert counted(irv(), {**CITIES, "k>c>n>m": 8, "m>c>n>k": 9}).winners == ("m",)

    def test_instant_runoff_ties(self) -> None:
        """So many more ballots, each for another one of the tied, and the tie does not arise, whoever gets none."""
        said = dict.fromkeys((1, 2, 3, 4), 0)
        for ballots in electorates(400, 5, 9):
            for rule in (irv(), irv(look_back=False), irv(stop="last_two")):
                outcome = counted(rule, ballots, "abcde")
                if outcome.verdict == "tied":
                    tied = str(outcome.reasons[0].facts["options"]).split(",")
                    assert facts(outcome, "would_not_have_tied") == {"ballots": len(tied) - 1}
                    said[len(tied) - 1] += 1
                    arises_no_more(rule, ballots, tied, outcome)
        assert min(said.values()) > 5, said

    def test_two_rounds_ties(self) -> None:
        second = {"a": 4, "b": 4, "c": 3}
        assert facts(counted(two_round(), second), "one_more_ballot") == {"number": 1}
        for option in "ab":
            assert counted(two_round(), {**second, option: 5}).winners == (option,)

    def test_two_rounds_at_once(self) -> None:
        for options in ({}, {"op": "gte"}, {"threshold": "1/4"}, {"threshold": "2/3", "op": "gte"}):
            for first in ({"a": 9, "b": 3, "c": 1}, {"a": 8, "b": 4}, {"a": 12, "b": 11, "c": 1}, {"a": 3, "b": 1}):
                process = decided(two_round(**options), first)
                if process.is_over:
                    told = facts(process.run_out(), "would_have_run_off")
                    moved = int(str(told["moved"]))
                    assert told["others"] == "b"
                    for fewer, kept in ((0, False), (1, True)):
                        step = {**first, "a": first["a"] - moved + fewer, "b": first["b"] + moved - fewer}
                        again = decided(two_round(**options), step)
                        assert (again.is_over and again.run_out().winners == ("a",)) is kept

    def test_two_rounds_entering(self) -> None:
        for options in ({}, {"finalists": "1/5"}, {"finalists": "3/8"}):
            first = {"a": 18, "b": 12, "c": 7, "d": 3}
            process = decided(two_round(**options), first)
            told = next(one for one in process.now.phase.reasons if one.code == "would_have_entered").facts
            next_, more = str(told["others"]), int(str(told["more"]))
            for votes, enters in ((more, True), (more - 1, False)):
                again = decided(two_round(**options), {**first, "a": 18 - votes, next_: first[next_] + votes})
                assert (next_ in again.now.phase.floors[0].among) is enters

    def test_two_rounds_ahead(self) -> None:
        second = {"a": 55, "b": 62}
        told = facts(counted(two_round(), second), "ahead")
        assert told == {"others": "a", "votes": 55, "more": 8}
        assert counted(two_round(), {**second, "a": 63}).winners == ("a",)
        assert counted(two_round(), {**second, "a": 62}).verdict == "tied"


def arises_no_more(rule: ChoosingRule, ballots: Cast, tied: Sequence[str], outcome: Outcome) -> None:
    """That the tie goes, and the tied one that gets no ballot with it, unless another one is elected before."""
    where = (outcome.reasons[0].facts["options"], outcome.reasons[0].facts["round"])
    for left_out in tied:
        more = dict(ballots)
        for option in tied:
            more[option] = more.get(option, 0) + (option != left_out)
        other = counted(rule, more, "abcde")
        ties = [reason.facts for reason in other.reasons if reason.code == "tie"]
        assert where not in [(tie["options"], tie["round"]) for tie in ties], (ballots, left_out)
        went = str(rows(other)[left_out][-1])
        assert went == f"out_in_{where[1]}" or other.winners, (ballots, left_out, went)


def named_instead(ballots: Cast, outcome: Outcome, other: str, moved: int, chance: random.Random) -> dict[str, int]:
    """The ballots when so many of those that counted for the winner last had named the other where they named it."""
    (winner,) = outcome.winners
    out = {option for option, row in rows(outcome).items() if str(row[-1]).startswith("out_in")}
    papers = [ballot for ballot, number in ballots.items() for _ in range(number)]
    chance.shuffle(papers)
    changed: dict[str, int] = {}
    for paper in papers:
        wishes = paper.split(">")
        counts = next((one for one in wishes if one not in out), "") == winner
        if counts and moved:
            moved -= 1
            swap = {winner: other, other: winner}
            wishes = [swap.get(one, one) for one in wishes]
        text = ">".join(wishes)
        changed[text] = changed.get(text, 0) + 1
    assert not moved
    return changed
