"""What holds of rankings and grades alike: no name, order or unit of weight matters, and the promises of every rule."""

import random
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from app.rules import papers
from app.rules.builtin.majority_judgment_1 import MajorityJudgment
from app.rules.builtin.schulze_1 import Schulze
from app.rules.canonical import canonical_bytes
from app.rules.catalogue import Catalogue
from app.rules.choosing import ChoosingRule
from app.rules.claims import anonymous
from app.rules.conformance import Conformance
from app.rules.contract import Electorate, Outcome, Profile, Voter
from tests.rules.told import majority_judgment_1, schulze_1
from tests.rules.told.majority_judgment_1 import papers as written
from tests.rules.told.majority_judgment_1 import spelled

RANKED: Mapping[str, dict[str, int]] = {
    "p01": schulze_1.FOUR_CITIES,
    "p02": {"lenihan": 694484, "robinson": 612265, "currie>lenihan": 36789, "currie>robinson": 205565, "currie": 25548},
    "p13": schulze_1.LINK,
    "p14": schulze_1.NOT_RANKED,
    "p16": schulze_1.BEFORE,
    "w23": schulze_1.THREE,
    "w24": schulze_1.FORTY_FIVE,
    "tie": schulze_1.CIRCLE,
}
GRADED: Mapping[str, dict[str, int]] = {
    "p09": Counter(written(spelled(majority_judgment_1.APART_AT_THE_SIXTH))),
    "p16": Counter(written(majority_judgment_1.TWO_MORE)),
    "w28": Counter(written(majority_judgment_1.THIRD_VALUE)),
    "w30": Counter(written(spelled(majority_judgment_1.ONE_HUNDRED_AND_21))),
    "unrated": {"x:4,y:2": 1, "x:3": 1, "y:3": 1, "z:5": 1},
    "tie": {"x:5,y:1": 1, "x:1,y:5": 1},
}
BOUND: Mapping[str, ChoosingRule] = {
    "winning votes": Schulze(Schulze.Options()),
    "margins": Schulze(Schulze.Options(strength="margins")),
    "ranked pairs only": Schulze(Schulze.Options(unranked="ranked_pairs_only")),
    "unrated are worst": MajorityJudgment(MajorityJudgment.Options(grades=10)),
    "unrated are excluded": MajorityJudgment(MajorityJudgment.Options(grades=10, unrated="excluded")),
}
CASES = [
    pytest.param(rule, ballots, id=f"{case}, {name}")
    for name, rule in BOUND.items()
    for case, ballots in (RANKED if isinstance(rule, Schulze) else GRADED).items()
]


def counted(rule: ChoosingRule, ballots: Mapping[str, int | Fraction], on_ballot: tuple[str, ...]) -> Outcome:
    """The outcome of a profile of these ballots, each a row of its own college."""
    rows = {(ballot, f"c{at}", ""): {"heads": Fraction(weight)} for at, (ballot, weight) in enumerate(ballots.items())}
    return rule.count(Profile(rows), Electorate((Voter("m01"),)), on_ballot)


def named(rule: ChoosingRule, ballots: Mapping[str, int]) -> tuple[str, ...]:
    """The options that these ballots name."""
    read = papers.points if rule.paper(()).kind == "rating" else lambda ballot: sum(papers.ranks(ballot), ())
    return tuple(sorted({one for ballot in ballots for one in read(ballot)}))


def undone(outcome: Outcome, names: Mapping[str, str]) -> tuple[Any, ...]:
    """What an outcome says under other names, without the order in which options of equal rank are shown."""

    def said(figure: object) -> object:
        if not isinstance(figure, str):
            return figure
        return ",".join(sorted(names.get(one, one) for one in figure.split(",")))

    facts = [(one.code, {name: said(figure) for name, figure in one.facts.items()}) for one in outcome.reasons]
    tables = {
        name: Counter(
            frozenset((said(column), said(cell)) for column, cell in zip(head, row, strict=True)) for row in rows
        )
        for name, (head, *rows) in outcome.tables.items()
    }
    return outcome.verdict, tuple(map(said, outcome.winners)), facts, tables


@pytest.mark.parametrize(("rule", "ballots"), CASES)
class TestInvariance:
    """P17."""

    def test_no_order_of_ballots_or_options_matters(self, rule: ChoosingRule, ballots: dict[str, int]) -> None:
        on_ballot = named(rule, ballots)
        outcome = canonical_bytes(counted(rule, ballots, on_ballot))
        for seed in range(20):
            chance = random.Random(seed)
            turned = dict(chance.sample(list(ballots.items()), len(ballots)))
            options = tuple(chance.sample(on_ballot, len(on_ballot)))
            assert canonical_bytes(counted(rule, turned, options)) == outcome

    def test_no_name_of_an_option_matters(self, rule: ChoosingRule, ballots: dict[str, int]) -> None:
        on_ballot = named(rule, ballots)
        outcome = undone(counted(rule, ballots, on_ballot), {})
        for seed in range(20):
            names = dict(
                zip(on_ballot, random.Random(seed).sample([f"o{n}" for n in range(9)], len(on_ballot)), strict=True)
            )
            other = {papers.renamed(rule.paper(()), ballot, names): weight for ballot, weight in ballots.items()}
            back = {new: old for old, new in names.items()}
            assert undone(counted(rule, other, tuple(back)), back) == outcome

    def test_aggregated_or_one_by_one(self, rule: ChoosingRule, ballots: dict[str, int]) -> None:
        on_ballot = named(rule, ballots)
        rows = {
            (ballot, "", f"u{voter}"): {"heads": Fraction(1)}
            for ballot, weight in ballots.items()
            for voter in range(min(weight, 50))
        }
        fewer = {ballot: min(weight, 50) for ballot, weight in ballots.items()}
        one_by_one = rule.count(Profile(rows), Electorate((Voter("m01"),)), on_ballot)
        assert canonical_bytes(one_by_one) == canonical_bytes(counted(rule, fewer, on_ballot))

    @pytest.mark.parametrize("times", [7, Fraction(1, 7)])
    def test_weights_of_another_unit_change_only_the_totals(
        self, rule: ChoosingRule, ballots: dict[str, int], times: int | Fraction
    ) -> None:
        on_ballot = named(rule, ballots)
        outcome = counted(rule, ballots, on_ballot)
        other = counted(rule, {ballot: weight * times for ballot, weight in ballots.items()}, on_ballot)
        assert (other.verdict, other.winners) == (outcome.verdict, outcome.winners)
        assert other.tables["ranking"] == outcome.tables["ranking"]
        for name in outcome.tables.keys() - {"ranking"}:
            assert len(other.tables[name]) == len(outcome.tables[name])

    def test_empty_ballots_change_participation_only(self, rule: ChoosingRule, ballots: dict[str, int]) -> None:
        on_ballot = named(rule, ballots)
        outcome = counted(rule, {**ballots, "blank": 3, "abstain": 1}, on_ballot)
        assert canonical_bytes(outcome) == canonical_bytes(counted(rule, ballots, on_ballot))


class TestSchulze(Conformance):
    rule = Schulze
    variants = (
        {},
        {"strength": "margins", "unranked": "ranked_pairs_only", "visibility": "sealed"},
        {"tie_break": "lot", "quorum": "1/2"},
        {"strength": "margins", "tie_break": "lot"},
    )


class TestSchulzeWithADefault(Conformance):
    """A default is named among the options of the rule: who renames an option on the ballot would rename it there."""

    rule = Schulze
    variants = (
        {"default": "pear", "tie_break": "lot"},
        {"default": "pear", "option_quorum": 2, "default_majority": 2},
        {"default": "pear", "option_quorum": 1, "option_quorum_in": "half_roots", "default_majority": None},
        {"default": "pear", "default_majority": None, "tie_break": "lot"},
        {"default": "nobody"},
    )

    def test_its_claims_hold(self) -> None:
        self.search(anonymous)


class TestMajorityJudgment(Conformance):
    rule = MajorityJudgment
    variants = (
        {},
        {"unrated": "excluded"},
        {"grades": 3, "tie_break": "lot"},
        {"grades": 3, "unrated": "excluded", "tie_break": "lot", "quorum": "1/2", "visibility": "secret"},
    )


def test_lots_and_the_lack_of_them_are_said_in_both_languages() -> None:
    catalogue = Catalogue([Schulze, MajorityJudgment])
    for stories in (schulze_1.STORIES, majority_judgment_1.STORIES):
        for story in stories.values():
            process = story()
            for reason in process.run_out().reasons:
                sentences = [catalogue.sentence(process.rule.slug, 1, reason, one) for one in ("en", "fr")]
                assert len(set(sentences)) == 2
