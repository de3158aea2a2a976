"""What was said of an objection still counts when its holder leaves and somebody else takes it over."""

from app.rules.catalogue import Catalogue
from app.rules.driver import Process
from app.rules.electorate import Electorate, Voter

FACTS = {"harms": "aim"}


def opened(**options: object) -> tuple[Process, str]:
    """Ana proposes; Driss objects, everybody else consents. The process and the objection's reference."""
    rule = Catalogue.load().bind("consent", 1, {"begins_with": "objecting", "skip_confirm": True, **options})
    people = Electorate(tuple(Voter(name) for name in ("ana", "bilal", "chloe", "driss", "emma", "farid")))
    process = Process(rule, people, "ana", {"facilitator": ("bilal", "chloe")})
    for name in ("bilal", "chloe", "emma", "farid"):
        process.say(name, "position", "consent")
    process.say("driss", "position", "objection", facts=FACTS)
    assert process.now.phase.subject is not None
    return process, process.now.phase.subject


def test_disputes_said_before_the_objector_left_still_stand() -> None:
    process, objection = opened(judge="group")
    process.say("bilal", "judgment", "dispute")
    process.say("chloe", "judgment", "dispute")
    process.leave("driss")
    process.say("emma", "adoption", "adopted", objection)
    process.say("farid", "judgment", "valid")
    assert process.kinds == ("objecting", "testing+", "orphaned+", "testing+")
    assert process.outcome is not None
    assert process.outcome.reasons[-1].facts == {"valid": 1, "dispute": 2}
    assert process.outcome.verdict == "adopted"


def test_a_test_in_which_everybody_has_spoken_is_over_when_it_opens_again() -> None:
    process, objection = opened(judge="group")
    for name in ("bilal", "chloe", "farid"):
        process.say(name, "judgment", "dispute")
    process.leave("driss")
    process.say("emma", "adoption", "adopted", objection)
    assert process.outcome is not None
    assert process.outcome.reasons[-1].facts == {"valid": 0, "dispute": 3}


def test_whoever_takes_the_objection_over_does_not_judge_it() -> None:
    process, objection = opened(judge="group")
    process.say("emma", "judgment", "dispute")
    process.leave("driss")
    process.say("emma", "adoption", "adopted", objection)
    for name in ("bilal", "chloe", "farid"):
        process.say(name, "judgment", "dispute" if name == "farid" else "valid")
    [view] = process.rule.matters(process.case)
    assert (view.status, view.by) == ("qualified", "emma")
    assert (view.facts["valid"], view.facts["dispute"]) == (2, 1)


def test_the_proposer_need_not_settle_the_same_text_twice() -> None:
    process, objection = opened(judge="none")
    process.say("ana", "amendment", "substantive")
    process.say("ana", "settlement", "amend")
    process.leave("driss")
    process.say("emma", "adoption", "adopted", objection)
    process.say("emma", "settlement", "amend")
    assert process.kinds == ("objecting", "integrating+", "orphaned+", "integrating+", "objecting")
    assert process.version == 2


def test_a_settlement_of_an_older_text_is_void() -> None:
    process, _ = opened(judge="none")
    process.say("driss", "settlement", "amend")
    process.say("ana", "amendment", "substantive")
    process.say("ana", "settlement", "amend")
    assert process.kinds == ("objecting", "integrating+")
    process.say("driss", "settlement", "amend")
    assert [held.phase.kind for held in process.case.held] == ["objecting", "integrating", "objecting"]
