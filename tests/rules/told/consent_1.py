"""Decisions by consent that fix what it means."""

from collections.abc import Mapping
from typing import Final

from app.rules.driver import Process
from tests.rules.stories import (
    Story,
    all_say,
    consent,
    object_,
    people,
    settle,
    w37_second_round,
    w37_variant,
)


def adopted_after_an_objection() -> Process:
    process = w37_second_round()
    process.leave("m13")
    all_say(process, people(13)[1:10])
    process.run_out()
    return process


def every_step() -> Process:
    process = consent(5, begins_with="clarifying", stand_aside=True)
    process.say("m02", "question", "question")
    process.say("m03", "question", "pass")
    process.deadline()
    process.deadline()
    all_say(process, ("m02", "m03"), "reaction", "reaction")
    process.deadline()
    process.say("m01", "amendment", "substantive")
    process.say("m02", "position", "consent_with_concern")
    change = process.say("m01", "amendment", "editorial")
    process.say("m03", "contest", "substantive", change)
    all_say(process, ("m02", "m03", "m04"))
    process.say("m05", "position", "stand_aside")
    return process


def not_qualified_then_continued() -> Process:
    process = consent(5)
    all_say(process, ("m02", "m03", "m04"))
    first = object_(process, "m05")
    all_say(process, ("m02", "m03", "m04"), "dispute", "judgment")
    object_(process, "m05", continues=first)
    process.deadline()
    return process


def drawn_panel(seed: str | None) -> Process:
    process = consent(9, judge="panel", forums={} if seed is None else {"lots": seed})
    all_say(process, people(9)[1:8])
    object_(process, "m09")
    if process.now.phase.kind == "testing":
        all_say(process, process.now.phase.floors[0].who.ids, "dispute", "judgment")
    process.run_out()
    return process


def orphan(taken_over: bool) -> Process:
    process = consent(5, judge="facilitator_logic", on_deadlock=())
    all_say(process, ("m02", "m03", "m04"))
    object_(process, "m05")
    process.leave("m05")
    if taken_over:
        process.say("m03", "adoption", "adopted")
        process.say("m02", "judgment", "valid")
    process.run_out()
    return process


def two_to_resolve() -> Process:
    process = consent(6, judge="none")
    all_say(process, ("m02", "m03", "m04"))
    object_(process, "m05")
    object_(process, "m06")
    settle(process, "m05", "monitor_unchanged")
    process.deadline()
    process.say("m02", "abandonment", "abandoned")
    process.deadline()
    all_say(process, people(6)[1:])
    return process


def appealed() -> Process:
    process = consent(6, judge="none")
    all_say(process, ("m02", "m03", "m04"))
    object_(process, "m05")
    second = object_(process, "m06")
    process.say("m06", "objection_withdrawal", "withdrawn", second)
    process.deadline()
    process.say("m02", "abandonment", "abandoned")
    process.say("m05", "abandonment_appeal", "appealed")
    settle(process, "m05", "monitor_unchanged")
    all_say(process, people(6)[1:])
    return process


def deadlock(*ladder: str, ruling: str = "absent") -> Process:
    process = consent(5, judge="none", max_rounds=1, on_deadlock=ladder, forums={"broader_circle": ruling})
    for _ in range(2):
        if process.now.phase.kind == "objecting" and not process.is_over:
            all_say(process, ("m02", "m03", "m04"))
            object_(process, "m05")
        while not process.is_over and process.now.phase.kind != "objecting":
            process.deadline()
    process.run_out()
    return process


def silent(policy: str, answers: int, low: str = "escalate") -> Process:
    process = consent(7, silence_policy=policy, min_participation="2/3", on_low_participation=low)
    all_say(process, people(7)[1 : 1 + answers])
    process.run_out()
    return process


def tolerated() -> Process:
    process = consent(11, judge="none", tolerance="1/10", silence_policy="silence_is_consent")
    all_say(process, people(11)[1:8])
    object_(process, "m09")
    process.run_out()
    return process


def nobody_left() -> Process:
    process = consent(2)
    process.leave("m02")
    return process


STORIES: Final[Mapping[str, Story]] = {
    "an objection is resolved and the second round adopts": adopted_after_an_objection,
    "half answer where two thirds are needed": w37_variant,
    "every step before the round, a contested editorial change": every_step,
    "an objection is not qualified, and continued": not_qualified_then_continued,
    "a panel is drawn": lambda: drawn_panel("2026-10-01/0c3f9a"),
    "no panel can be drawn": lambda: drawn_panel(None),
    "an orphaned objection lapses": lambda: orphan(taken_over=False),
    "an orphaned objection is taken over": lambda: orphan(taken_over=True),
    "one objection is resolved without a change, another set aside": two_to_resolve,
    "one objection is withdrawn while it waits, another set aside and appealed": appealed,
    "a deadlock escalates, is deferred, and ends": lambda: deadlock("escalate", "defer"),
    "a deadlock is adopted by the broader circle": lambda: deadlock("escalate", ruling="adopted"),
    "a deadlock is refused by the broader circle": lambda: deadlock("escalate", ruling="not_adopted"),
    "a deadlock is sent back": lambda: deadlock("escalate", ruling="sent_back"),
    "a deadlock ends in a trial": lambda: deadlock("trial"),
    "silence is consent and two answer": lambda: silent("silence_is_consent", 2),
    "silence is absence and four answer": lambda: silent("silence_is_absent", 4),
    "every answer is needed and one is missing": lambda: silent("explicit_required", 5, "lapse"),
    "silence escalates": lambda: silent("silence_escalates", 5, "lapse"),
    "too few answer and nobody objects": lambda: silent("silence_is_absent", 1, "adopt_if_no_objection"),
    "nobody answers": lambda: silent("silence_is_consent", 0, "adopt_if_no_objection"),
    "one objection in ten is tolerated": tolerated,
    "nobody is left": nobody_left,
}
