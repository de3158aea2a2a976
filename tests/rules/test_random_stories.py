"""Consent and majority led at random, under random options: every story ends, and nothing is adopted by accident."""

import random
from typing import Any

import pytest

from app.rules.builtin.consent_1_objections import OPEN, of_this_round
from app.rules.canonical import canonical_bytes, case_from_json, to_json
from app.rules.contract import Outcome
from app.rules.driver import Process
from app.rules.vectors import steps
from app.rules.wander import wander
from tests.rules.stories import consent, majority

SHARES = ("0", "1/3", "1/2", "2/3", "1")
BY_OTHERS = ("broader_circle_adopted",)


def any_consent(chance: random.Random) -> Process:
    policy = chance.choice(("silence_is_consent", "silence_is_absent", "explicit_required", "silence_escalates"))
    lows = ("escalate", "lapse", *(("adopt_if_no_objection",) if policy.startswith("silence_is") else ()))
    ladder = chance.sample(("escalate", "defer", "trial"), chance.randint(0, 3))
    heard = {"broader_circle": chance.choice(("adopted", "not_adopted", "sent_back")), "lots": str(chance.random())}
    return consent(
        chance.randint(1, 8),
        offices={"facilitator": tuple(f"m0{chance.randint(1, 5)}" for _ in range(chance.randint(0, 3)))},
        forums=heard if chance.random() < 0.6 else {},
        begins_with=chance.choice(("clarifying", "objecting", "objecting")),
        silence_policy=policy,
        min_participation=chance.choice(SHARES),
        tolerance=chance.choice((0, 0, 1, "1/3")),
        stand_aside=chance.random() < 0.5,
        judge=chance.choice(("none", "facilitator_logic", "group", "panel")),
        panel_size=chance.randint(1, 3),
        max_rounds=chance.randint(1, 3),
        skip_confirm=chance.random() < 0.5,
        on_low_participation=chance.choice(lows),
        on_deadlock=ladder,
    )


def any_majority(chance: random.Random) -> Process:
    options: dict[str, Any] = {
        "base": chance.choice(("cast", "expressed", "present", "entitled")),
        "visibility": chance.choice(("open", "sealed")),
        "quorum": chance.choice((None, "1/5", "1/2", "1")),
    }
    tie_break = chance.choice(("reject", "chair_casting"))
    if tie_break == "reject":
        options |= chance.choice(({"threshold": "2/3", "op": "gte"}, {"threshold": "3/4"}, {}))
    return majority(chance.randint(1, 8), tie_break=tie_break, **options)


def told(process: Process, chance: random.Random) -> Outcome:
    """Leads a process to its end and checks that its record tells it again."""
    outcome = wander(process, chance.randrange)
    again = case_from_json(to_json(process.case))
    expected = [*(held.phase for held in process.case.held), outcome]
    for (_, step), was in zip(steps(process.rule, again), expected, strict=True):
        assert canonical_bytes(step) == canonical_bytes(was)
    return outcome


def check_consent(seed: int) -> None:
    chance = random.Random(seed)
    process = any_consent(chance)
    outcome = told(process, chance)
    assert len(process.case.held) < 120
    options = process.rule.options
    if outcome.verdict == "adopted" and outcome.code not in BY_OTHERS:
        last = process.case.held[-1]
        others = last.electorate.ids - {process.proposer}
        said = {
            w.by: w.value
            for held in process.case.round()
            for w in held.words
            if w.form == "position" and w.version == last.latest
        }
        assert any(said.get(one, "").startswith("consent") for one in sorted(others)), "adopted by silence"
    if outcome.code == "consent":
        round_ = of_this_round(process.case, options.judge)
        assert sum(one.is_qualified for one in round_) <= int(str(outcome.reasons[0].facts["tolerance"]))
        assert all(one.status not in OPEN or one.is_qualified for one in round_)


def check_majority(seed: int) -> None:
    chance = random.Random(seed)
    process = any_majority(chance)
    outcome = told(process, chance)
    if outcome.verdict == "adopted":
        ballots = list(process.ballots.values())
        assert (
            any(value == "for" for who, value in process.ballots.items() if who != process.proposer) or len(ballots) > 1
        )


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_some_stories(start: int) -> None:
    for seed in range(start, start + 100):
        check_consent(seed)
        check_majority(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 21000, 1000))
def test_many_stories(start: int) -> None:
    for seed in range(start, start + 1000):
        check_consent(seed)
        check_majority(seed)
