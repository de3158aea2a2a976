"""The cast and the plot of the stories that tests play and that reference vectors record."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.majority_1 import Majority, MajorityOptions
from app.rules.contract import Electorate, Phase, Voter
from app.rules.driver import Process

OBJECTION = {"harms": "aim"}
Story = Callable[[], Process]


def people(count: int, prefix: str = "m") -> tuple[str, ...]:
    """Names that sort in their order."""
    return tuple(f"{prefix}{number:02}" for number in range(1, count + 1))


def electors(names: Iterable[str]) -> Electorate:
    return Electorate(tuple(Voter(name) for name in names))


def consent(
    electorate: int | Electorate = 5,
    *,
    offices: Mapping[str, tuple[str, ...]] | None = None,
    forums: Mapping[str, str] | None = None,
    **options: Any,
) -> Process:
    """A decision by consent, proposed by m01 and facilitated by m02 with m03 as surrogate."""
    chosen = ConsentOptions.model_validate({"begins_with": "objecting", **options})
    voters = electors(people(electorate)) if isinstance(electorate, int) else electorate
    heirs = {"facilitator": ("m02", "m03")} if offices is None else offices
    return Process(Consent(chosen), voters, "m01", offices=heirs, forums=forums or {})


def majority(
    electorate: int | Electorate = 5, *, offices: Mapping[str, tuple[str, ...]] | None = None, **options: Any
) -> Process:
    """A vote proposed by m01, with m02 in the chair."""
    voters = electors(people(electorate)) if isinstance(electorate, int) else electorate
    rule = Majority(MajorityOptions.model_validate(options))
    return Process(rule, voters, "m01", offices={"chair": ("m02",)} if offices is None else offices)


def all_say(process: Process, names: Iterable[str], value: str = "consent", form: str = "position") -> None:
    for name in names:
        process.say(name, form, value)


def object_(process: Process, by: str, **facts: Any) -> str:
    return process.say(by, "position", "objection", facts={**OBJECTION, **facts})


def settle(process: Process, holder: str, way: str = "amend") -> None:
    process.say(holder, "settlement", way)
    process.say(process.proposer, "settlement", way)


def codes(step: Phase | object) -> tuple[str, ...]:
    """The codes of the reasons of a step."""
    return tuple(reason.code for reason in getattr(step, "reasons", ()))


def vote(process: Process, **counts: int) -> None:
    """So many ballots of each value, cast in the order of the electorate."""
    names = iter(voter.id for voter in process.electorate.voters)
    for value, count in counts.items():
        for _ in range(count):
            process.say(next(names), "ballot", value.rstrip("_"))


def w37() -> Process:
    """Twelve electors besides the proposer: 7 consent, 1 with a concern, 1 objects, 3 are silent."""
    process = consent(13, silence_policy="silence_is_consent", min_participation="2/3")
    all_say(process, people(13)[1:8])
    process.say("m09", "position", "consent_with_concern")
    object_(process, "m10")
    process.deadline()
    return process


def w37_second_round() -> Process:
    """The objection of the first round is found valid and resolved by an amendment."""
    process = w37()
    all_say(process, people(13)[1:4], "valid", "judgment")
    process.deadline()
    process.say("m01", "amendment", "substantive", facts={"touches": ("body",)})
    settle(process, "m10")
    return process


def w37_variant() -> Process:
    """Twelve electors besides the proposer: 6 consent, 6 are silent, also during the extension."""
    process = consent(13, silence_policy="silence_is_consent", min_participation="2/3")
    all_say(process, people(13)[1:7])
    process.deadline()
    process.deadline()
    return process


def objected(electorate: int = 5, judge: str = "group", by: str = "m05", **options: Any) -> tuple[Process, str]:
    """A round that has closed with one objection, everybody else consenting."""
    process = consent(electorate, judge=judge, **options)
    all_say(process, [name for name in people(electorate)[1:] if name != by])
    return process, object_(process, by)


def status(process: Process, ref: str) -> str:
    return next(matter.status for matter in process.rule.matters(process.case) if matter.ref == ref)
