"""What a proposal needs to be let in: asked when it is let in, and when somebody looks whether it could be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.circles.deciding import Voice, deciding, voices
from app.circles.tables import Circle, RuleInForce
from app.foundation.database import Passing, Reading
from app.foundation.errors import Refusal
from app.proposals import changes
from app.proposals.refusals import NobodyElse, ProposerWithoutVoice, RuleUnavailable, SecrecyUnavailable, TooFewOptions
from app.rules.catalogue import Catalogue, InvalidOptions, UnknownRule
from app.rules.contract import Case, DecisionRule, Electorate, Outcome, Phase, Step, Voter

MATTER: Final = "policy"
"""What sort of matter every proposal is, until a circle can decide differently on different matters."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is asked about a proposal: who brings it, the changes of its text in force, as stored, and the ids of what
    it puts to the vote."""

    organisation_id: UUID
    proposer_id: UUID
    changes: list[dict[str, Any]]
    on_ballot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admissible:
    """Who would decide, and how: ``options`` are the circle's, completed with the rule's defaults, as a process pins
    them; ``proposer`` is the pseudonym of who brings the proposal."""

    circle: Circle
    rule: tuple[str, int]
    options: dict[str, Any]
    present: Sequence[Voice]
    proposer: str
    on_ballot: tuple[str, ...]
    reads: frozenset[str]
    in_secret: bool


async def admissible(
    session: AsyncSession, candidate: Candidate, rules: Catalogue, now: datetime, *, held: bool = False
) -> Admissible:
    """Who would decide a proposal that was let in now, and by which rule; two statements.

    The circle is computed from the changes, for a domain may have moved since the draft. ``held`` keeps its members
    from leaving meanwhile. Raises UnknownDomain, DomainsHeldApart (422), NoRuleInForce, RuleUnavailable,
    ProposerWithoutVoice, NobodyElse, SecrecyUnavailable (409).
    """
    touched = changes.domains(changes.parse(candidate.changes))
    circle, force = await deciding(session, candidate.organisation_id, touched, now)
    rule = _bound(rules, force)
    present = await voices(session, candidate.organisation_id, circle.id, now, held=held)
    proposer = next((voice.pseudonym for voice in present if voice.member_id == candidate.proposer_id), None)
    if proposer is None:
        raise ProposerWithoutVoice(circle=circle.name)
    if len(present) == 1:
        raise NobodyElse(circle=circle.name)
    first = _first_step(rule, proposer, present, candidate.on_ballot)
    if isinstance(first, Phase) and first.sight == "secret" and first.yields != "profile":
        raise SecrecyUnavailable(rule=f"{rule.slug}@{rule.version}")
    if isinstance(first, Outcome) and first.code == "too_few_options":
        raise TooFewOptions(rule=f"{rule.slug}@{rule.version}", options=len(candidate.on_ballot), needed=2)
    pinned = rule.options.model_dump(mode="json")
    in_secret = isinstance(first, Phase) and first.sight == "secret"
    slug = (rule.slug, rule.version)
    return Admissible(circle, slug, pinned, present, proposer, candidate.on_ballot, rule.reads(), in_secret)


async def obstacle(executor: Reading, candidate: Candidate, rules: Catalogue, now: datetime) -> str | None:
    """The code of what would be answered to whoever let the proposal in now; None if it would come through."""
    if isinstance(executor, Passing):
        async with executor.session() as session:
            return await obstacle(session, candidate, rules, now)
    try:
        await admissible(executor, candidate, rules, now)
    except Refusal as refusal:
        return refusal.code
    return None


def _bound(rules: Catalogue, force: RuleInForce) -> DecisionRule:
    try:
        return rules.bind(force.slug, force.rule_version, force.options)
    except (UnknownRule, InvalidOptions) as error:
        raise RuleUnavailable(rule=f"{force.slug}@{force.rule_version}") from error


def _first_step(rule: DecisionRule, proposer: str, present: Sequence[Voice], on_ballot: tuple[str, ...]) -> Step:
    """What the rule would begin with: a secrecy that nothing here can keep, or nothing to choose from, is said now."""
    voters = Electorate(tuple(Voter(voice.pseudonym) for voice in present))
    try:
        return rule.after(Case(proposer, voters, (), MATTER, on_ballot))
    except Exception:  # the engine meets it again, says so, and stops the process
        return None
