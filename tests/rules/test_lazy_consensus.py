"""Lazy consensus: an announcement that goes ahead unless somebody objects, and never by silence alone."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from app.rules.builtin.approval_1 import Approval
from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.fallback_1 import Fallback
from app.rules.builtin.lazy_consensus_1 import LazyConsensus
from app.rules.builtin.majority_1 import Majority
from app.rules.catalogue import Catalogue
from app.rules.conformance import Conformance
from app.rules.contract import Electorate, Voter
from app.rules.driver import Process, Refused
from tests.rules.stories import codes, electors, people
from tests.rules.told.lazy_consensus_1 import announced
from tests.rules.wrapping import rule_within

CATALOGUE: Final = Catalogue.load()


class TestConforms(Conformance):
    rule = LazyConsensus
    variants = ({}, {"min_positive": 2, "min_reach": "1/2"}, {"min_reach": "1"})


class TestWithConsentAfterwards(Conformance):
    rule = Fallback
    beside = (LazyConsensus, Consent, Approval, Majority)
    variants = ({"first": rule_within("lazy_consensus"), "second": rule_within("consent"), "on": ("objected",)},)


@pytest.mark.parametrize(
    ("said", "options", "verdict", "code"),
    [
        ({"m02": "support"}, {}, "adopted", "no_objection"),
        ({}, {}, "lapsed", "too_few_in_favour"),
        ({"m02": "seen", "m03": "seen", "m04": "seen", "m05": "seen"}, {}, "lapsed", "too_few_in_favour"),
        ({"m02": "support"}, {"min_positive": 2}, "lapsed", "too_few_in_favour"),
        ({"m02": "support", "m03": "objection"}, {}, "not_adopted", "objected"),
        ({"m02": "support"}, {"min_reach": "1/2"}, "lapsed", "too_few_reached"),
        ({"m02": "support", "m03": "seen"}, {"min_reach": "1/2"}, "adopted", "no_objection"),
        ({"m02": "support", "m03": "seen"}, {"min_reach": "3/4"}, "lapsed", "too_few_reached"),
    ],
)
def test_how_it_ends(said: Mapping[str, str], options: Mapping[str, Any], verdict: str, code: str) -> None:
    outcome = announced(5, said, **options).run_out()
    assert (outcome.verdict, outcome.code) == (verdict, code)


def test_so_many_more_would_have_passed() -> None:
    told = announced(9, {"m02": "seen"}, min_positive=2, min_reach="1/2")
    assert told.run_out().reasons[1].facts == {"support": 2, "seen": 3}
    assert announced(9, {"m02": "seen", "m03": "support", "m04": "support", "m05": "seen"}, min_positive=2,
                     min_reach="1/2").run_out().verdict == "adopted"  # fmt: skip


def test_an_objection_ends_it_at_once_and_another_rule_may_take_over() -> None:
    options = {"first": rule_within("lazy_consensus"), "second": rule_within("consent"), "on": ["objected"]}
    rule = CATALOGUE.bind("fallback", 1, options)
    told = Process(rule, electors(people(5)), "m01")
    told.say("m02", "stance", "support")
    told.say("m03", "stance", "objection")
    assert (told.kinds, codes(told.now.phase)) == (("announced", "clarifying"), ("fell_back", "objected"))


def test_the_author_and_the_recused_have_no_say() -> None:
    rule = CATALOGUE.bind("lazy_consensus", 1, {})
    told = Process(rule, Electorate((Voter("m01"), Voter("m02", recused="vote"), Voter("m03"))), "m01")
    for name in ("m01", "m02"):
        with pytest.raises(Refused):
            told.say(name, "stance", "support")
    told.say("m03", "stance", "seen")
    told.say("m03", "stance", "support")
    outcome = told.run_out()
    assert (outcome.verdict, outcome.reasons[0].facts["of"], outcome.reasons[0].facts["seen"]) == ("adopted", 1, 1)


def test_who_leaves_takes_their_support_along() -> None:
    told = Process(CATALOGUE.bind("lazy_consensus", 1, {}), electors(people(4)), "m01")
    told.say("m02", "stance", "support")
    told.leave("m02")
    assert told.run_out().code == "too_few_in_favour"


def test_nobody_is_left() -> None:
    told = Process(CATALOGUE.bind("lazy_consensus", 1, {}), electors(people(2)), "m01")
    told.leave("m02")
    assert told.run_out().code == "nobody_left"
