"""Letting a proposal in: rule, version, options, digests and electorate are frozen here, once, and for good."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.circles.deciding import Voice
from app.delegations.queries import most_held
from app.foundation.deadlines import local_date
from app.journal.actor import Actor
from app.journal.record import record
from app.organisations.queries import CollegeShare, colleges_of, organisation, weights_of
from app.proposals import events, queries, slate, votes
from app.proposals.deliberation import engine
from app.proposals.deliberation.admissible import MATTER, Admissible, Candidate, admissible
from app.proposals.deliberation.cases import Running, load
from app.proposals.deliberation.cover import SMALLEST_CELL, uncovered
from app.proposals.deliberation.electors import alike
from app.proposals.deliberation.outcomes import text_in_force
from app.proposals.exported import voter
from app.proposals.lifecycle import STEPS, Appeal, Step
from app.proposals.lots import commitment
from app.proposals.policy import recusal_effect
from app.proposals.refusals import TooFewForSecrecy
from app.proposals.steps import require_step
from app.proposals.tables import Elector, Process, Proposal
from app.proposals.timing import call_for_admission
from app.rules.canonical import digest
from app.rules.catalogue import Catalogue
from app.rules.contract import Electorate

_ELECTOR: Table = Elector.__table__  # type: ignore[attr-defined]


async def admit(
    session: AsyncSession, proposal: Proposal, *, actor: Actor, rules: Catalogue, now: datetime
) -> Proposal:
    """Open the process that decides the proposal, under the rule in force in the circle that holds its domains.

    Raises RightMissing (403), StepClosed (409), and what :func:`admissible` raises.
    """
    require_step(Step.ADMIT, proposal, await queries.standing_towards(session, actor, proposal), now)
    text = await text_in_force(session, proposal.organisation_id, proposal)
    candidate = Candidate(proposal.organisation_id, proposal.proposer_id, text.changes, slate.ids(text.options))
    found = await admissible(session, candidate, rules, now, held=True)
    proposal.circle_id = found.circle.id
    electors = await _electors(session, proposal, found.present, now)
    if found.in_secret:
        _require_cover(found, electors)
    process = _process(proposal, found, electors, rules, now)
    process.proxy_cap = await most_held(session, proposal.organisation_id, len(electors))
    session.add(process)
    proposal.state = STEPS[Step.ADMIT].target
    await session.flush()
    await session.execute(_ELECTOR.insert(), electors)
    record(session, actor, _admitted(process, proposal, electors), now, rule=found.rule)
    running: Running = await load(session, proposal.organisation_id, proposal.id)
    await engine.ask(session, running, None, rules=rules, now=now)
    return running.proposal


async def refuse(
    session: AsyncSession, proposal: Proposal, *, reason: str, text: str | None, actor: Actor, now: datetime
) -> Proposal:
    """Refuse admission for a stated reason: out of domain, no tension, a duplicate, or against the law.

    The proposer can appeal to the secretary within seven days. Raises RightMissing, StepClosed.
    """
    require_step(Step.REFUSE, proposal, await queries.standing_towards(session, actor, proposal), now)
    proposal.state = STEPS[Step.REFUSE].target
    proposal.refusal, proposal.refusal_text, proposal.refused_by = reason, text, actor.pseudonym
    proposal.ended_at = now
    record(session, actor, events.Refused(proposal=proposal.id, reason=reason, text=text), now)
    await session.flush()
    return proposal


async def appeal(session: AsyncSession, proposal: Proposal, *, text: str, actor: Actor, now: datetime) -> Proposal:
    """The proposer asks the secretary to look at a refusal again: once, and within seven days.

    Raises RightMissing (403), StepClosed (409).
    """
    require_step(Step.APPEAL, proposal, await queries.standing_towards(session, actor, proposal), now)
    proposal.appeal = Appeal.OPEN
    record(session, actor, events.Appealed(proposal=proposal.id, text=text), now)
    await session.flush()
    return proposal


async def rule_on_appeal(
    session: AsyncSession, proposal: Proposal, *, upheld: bool, text: str, actor: Actor, now: datetime
) -> Proposal:
    """The secretary finds whether the refusal was wrong; if it was, the proposal is submitted again.

    Whoever refused does not rule on it: the office passes on. Raises RightMissing (403), StepClosed (409).
    """
    require_step(Step.RULE_ON_APPEAL, proposal, await queries.standing_towards(session, actor, proposal), now)
    record(session, actor, events.AppealRuled(proposal=proposal.id, upheld=upheld, text=text), now)
    if not upheld:
        proposal.appeal = Appeal.DISMISSED
        await session.flush()
        return proposal
    proposal.appeal = Appeal.UPHELD
    proposal.state = STEPS[Step.RULE_ON_APPEAL].target
    proposal.refusal = proposal.refusal_text = proposal.refused_by = None
    proposal.ended_at = None
    proposal.submitted_at = now
    await session.flush()
    await call_for_admission(session, proposal, now)
    return proposal


async def _electors(
    session: AsyncSession, proposal: Proposal, present: Sequence[Voice], now: datetime
) -> list[dict[str, Any]]:
    cooperative = await organisation(session, proposal.organisation_id)
    today = local_date(now, cooperative.time_zone)
    out = dict.fromkeys(
        await votes.recused(session, proposal.organisation_id, proposal.id), recusal_effect(cooperative.legal_form)
    )
    members = [voice.member_id for voice in present]
    shares = await colleges_of(session, proposal.organisation_id, members, today)
    weighed = await weights_of(session, proposal.organisation_id, members, today)
    return [
        {
            "organisation_id": proposal.organisation_id,
            "process_id": proposal.id,
            "voter": voice.pseudonym,
            "college": str(shares[voice.member_id].id) if voice.member_id in shares else "",
            "unit": weighed.get(voice.member_id, ("", {}))[0],
            "measures": _measures(shares.get(voice.member_id), weighed.get(voice.member_id, ("", {}))[1]),
            "recused": out.get(voice.pseudonym),
        }
        for voice in sorted(present, key=lambda voice: voice.pseudonym)
    ]


def _measures(share: CollegeShare | None, weighed: Mapping[str, str]) -> dict[str, str]:
    """One head, the share of all votes that the college has, and what was recorded of the member."""
    of_college = {} if share is None else {"college_share": str(share.weight)}
    return {"heads": "1", **of_college, **weighed}


def _require_cover(found: Admissible, electors: list[dict[str, Any]]) -> None:
    """In a secret vote, those whom the count tells apart from others are enough to hide among. Raises
    TooFewForSecrecy."""
    smallest = uncovered(Electorate(map(voter, electors)), found.reads)
    if smallest is not None:
        raise TooFewForSecrecy(smallest=smallest, needed=SMALLEST_CELL)


def _process(
    proposal: Proposal, found: Admissible, electors: list[dict[str, Any]], rules: Catalogue, now: datetime
) -> Process:
    slug, version = found.rule
    return Process.model_validate(
        {
            "organisation_id": proposal.organisation_id,
            "id": proposal.id,
            "rule_slug": slug,
            "rule_version": version,
            "options": found.options,
            "reference_digest": rules.reference_digest(slug, version),
            "code_digest": rules.code_digest(slug, version),
            "electorate_digest": digest(_public(electors)),
            "electors": len(electors),
            "alike": alike(electors),
            "proposer": found.proposer,
            "matter": MATTER,
            "on_ballot": list(found.on_ballot),
            "reads": sorted(found.reads),
            "seed": secrets.token_hex(32),
            "opened_at": now,
        }
    )


def _admitted(process: Process, proposal: Proposal, electors: list[dict[str, Any]]) -> events.Admitted:
    return events.Admitted(
        proposal=proposal.id,
        circle=proposal.circle_id,
        options=process.options,
        reference_digest=process.reference_digest,
        code_digest=process.code_digest,
        electorate_digest=process.electorate_digest,
        electors=process.electors,
        proposer=process.proposer,
        matter=process.matter,
        seed_commitment=commitment(process.seed),
        electorate=_public(electors),
        on_ballot=process.on_ballot,
    )


def _public(electors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("voter", "college", "unit", "measures")
    told = ("recused",)
    return [
        {name: elector[name] for name in names} | {name: elector[name] for name in told if elector[name]}
        for elector in electors
    ]
