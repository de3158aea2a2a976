"""People chosen for a role without anybody standing for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.rules.builtin.selection_1 import Selection, SelectionOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people

HERE: Final = ("m03", "m04")
"""The facilitator, and who stands in."""


def begun(size: int = 5, **options: Any) -> Process:
    """A selection among so many people, at its nominations; the first of them brought it in."""
    rule = Selection(SelectionOptions.model_validate(options))
    lots = {"lots": "5eed"}
    process = Process(rule, electors(people(size)), "m01", {"facilitator": HERE}, lots)
    process.say("m03", "confirmation", "confirmed")
    return process


def named(names: Sequence[str], **options: Any) -> Process:
    """The same after everybody, in order, has named somebody."""
    process = begun(len(names), **options)
    for by, name in zip(people(len(names)), names, strict=True):
        process.say(by, "nomination", name)
    return process


def talked(names: Sequence[str], changes: Mapping[str, str] | None = None, **options: Any) -> Process:
    """The same after everybody has said why and kept to it, or changed."""
    process = named(names, **options)
    for by in people(len(names)):
        process.say(by, "why", "said")
    for by in people(len(names)):
        process.say(by, "change", (changes or {}).get(by, "keep"))
    return process


def consented(process: Process, *against: str) -> Process:
    """Everybody answers the question of consent, these with an objection."""
    for by in sorted(process.electorate.ids - process.gone):
        process.say(by, "position", "objection" if by in against else "consent")
    return process


def accepted(process: Process, answer: str = "accept") -> Process:
    """The one proposed answers."""
    process.say(str(process.now.phase.subject), "acceptance", answer)
    return process


def elected_by_reasons() -> Process:
    """Three see m02, two m05; the facilitator finds the reasons for m05 stronger."""
    process = talked(("m02", "m02", "m05", "m02", "m05"), {"m04": "m05"})
    process.say("m03", "proposed", "m05")
    return accepted(consented(process))


def mandate_changed() -> Process:
    """An objection is met with a shorter term."""
    process = consented(talked(("m02", "m02", "m02", "m02", "m05"), basis="count"), "m05")
    process.say("m01", "amendment", "substantive")
    for by in ("m02", "m05"):
        process.say(by, "settlement", "shorten_term")
    return accepted(consented(process))


def declined_then_next() -> Process:
    """The first declines, the second accepts."""
    process = accepted(consented(talked(("m02", "m02", "m02", "m05", "m05"), basis="count")), "refuse")
    return accepted(consented(process))


def tied_then_lots() -> Process:
    """Two and two, and nobody who could switch: lots."""
    process = talked(("m02", "m03", "m02", "m03"), basis="count")
    return accepted(consented(process))


STORIES: Final[Mapping[str, Story]] = {
    "by the reasons": elected_by_reasons,
    "an objection changes the mandate": mandate_changed,
    "one declines, the next accepts": declined_then_next,
    "a tie is parted by lots": tied_then_lots,
}
