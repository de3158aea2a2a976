"""Texts of a proposal: every one is kept. Substance makes a new revision, wording a new edition of the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.errors import Fault, Invalid
from app.journal.actor import Actor
from app.journal.record import record
from app.proposals import events
from app.proposals.deliberation.cases import Running
from app.proposals.deliberation.outcomes import text_in_force
from app.proposals.deliberation.utterances import Utterance
from app.proposals.tables import Amendment, Proposal, Revision
from app.rules.canonical import digest
from app.rules.contract import ACTS_ON_THE_ENGINE

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Amended:
    """A text that has been checked and may be put in force."""

    text: dict[str, Any]
    kind: Amendment


async def checked(session: AsyncSession, running: Running, utterance: Utterance) -> Amended | None:
    """The text that one of the two forms that act on the engine would put in force; None for any other form.

    A substantive amendment makes revision + 1 and voids what was answered to the one before; an editorial one is a
    new edition that can be contested, and a contest makes it a revision after all. Title and body may be given; what
    is left out stays. Raises Invalid when an amendment changes nothing or is too long: nothing is noted before.
    """
    if utterance.form not in ACTS_ON_THE_ENGINE:
        return None
    before = await text_in_force(session, running.proposal.organisation_id, running.proposal)
    if utterance.form == "contest":
        return Amended(_copied(before), Amendment.CONTESTED)
    return Amended(_amended(before, utterance), Amendment(utterance.body.value))


def put_in_force(
    session: AsyncSession, running: Running, amended: Amended, utterance: Utterance, *, now: datetime
) -> None:
    """Make the checked text the one that is answered from now on."""
    proposal = running.proposal
    if amended.kind is Amendment.EDITORIAL:
        proposal.edition += 1
    else:
        proposal.revision, proposal.edition = proposal.revision + 1, 1
    write(session, proposal, amended.text, amended.kind, actor=utterance.actor, now=now)


def write(
    session: AsyncSession, proposal: Proposal, text: dict[str, Any], kind: Amendment, *, actor: Actor, now: datetime
) -> Revision:
    """Keep one text as the revision and edition that the proposal now names."""
    proposal.title = text["title"]
    row = Revision.model_validate(
        {
            **text,
            "organisation_id": proposal.organisation_id,
            "proposal_id": proposal.id,
            "number": proposal.revision,
            "edition": proposal.edition,
            "amendment": kind,
            "by": actor.pseudonym,
            "at": now,
        }
    )
    session.add(row)
    event = events.TextWritten(
        proposal=proposal.id,
        circle=proposal.circle_id,
        tension=proposal.tension_id,
        revision=row.number,
        edition=row.edition,
        amendment=kind.value,
        digest=digest({"title": row.title, "body": row.body, "changes": row.changes, "options": row.options}),
        review_on=row.review_on.isoformat(),
        title=row.title,
        body=row.body,
        changes=row.changes,
        evaluation=row.evaluation,
        options=row.options,
    )
    record(session, actor, event, now)
    return row


def _copied(before: Revision) -> dict[str, Any]:
    return {
        "title": before.title,
        "body": before.body,
        "changes": before.changes,
        "review_on": before.review_on,
        "evaluation": before.evaluation,
        "options": before.options,
    }


def _amended(before: Revision, utterance: Utterance) -> dict[str, Any]:
    given = utterance.body.prose()
    text = _copied(before)
    text["title"] = given.get("title", before.title)
    if len(text["title"]) > LONGEST_TITLE:
        raise Invalid(faults=[Fault("/body/title", "string_too_long", {"max_length": LONGEST_TITLE})])
    text["body"] = given.get("body", before.body)
    if text == _copied(before):
        raise Invalid(faults=[Fault("/body/body", "nothing_amended", {})])
    return text
