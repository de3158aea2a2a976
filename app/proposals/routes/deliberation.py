"""What is said and what was said, over HTTP. One route for each form that an installed rule declares: a plug-in's
forms get their address, their schema and their documentation like those of the built-in rules."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.foundation.database import Session
from app.foundation.errors import NotFound
from app.foundation.paging import Cursor, Page, page
from app.foundation.permissions import Scope
from app.foundation.routing import changes_nothing, permits, room, shares_transaction
from app.organisations.queries import MemberName, member_by_pseudonyms
from app.people.signin import Caller
from app.proposals import queries, slate, votes
from app.proposals.deliberation.ballots import Taken
from app.proposals.deliberation.cases import load
from app.proposals.deliberation.cover import FEWEST_LISTED
from app.proposals.deliberation.engine import NeedsAttention, pinned
from app.proposals.deliberation.openings import plan_of
from app.proposals.deliberation.outcomes import text_in_force
from app.proposals.deliberation.utterances import Utterance
from app.proposals.desk import BALLOT, Answer, Desk
from app.proposals.heard import (
    BallotReceipt,
    ElectorView,
    MatterView,
    SlipSought,
    SlipView,
    TallyView,
    WordReceipt,
    WordView,
)
from app.proposals.pages import Pages
from app.proposals.policy import Permission
from app.proposals.reader import Pinned, Reader
from app.proposals.refusals import RuleUnavailable
from app.proposals.routes.turns import Glance, Look, Sitting
from app.proposals.schemas import OutcomeView, RoundView
from app.proposals.sight import as_seen_by_all, closed_phases
from app.proposals.tallies import Tallies, Vote
from app.proposals.views import matter_view, named, outcome_view, round_views, word_view
from app.rules.catalogue import Catalogue
from app.rules.contract import Form

reading = room("deliberation", prefix="/v1/proposals")


def speaking(rules: Catalogue) -> APIRouter:
    """The routes on which the forms of all installed rules are posted."""
    router = room("deliberation", prefix="/v1/proposals")
    titles = {
        name: words["title"]
        for rule in rules.rules()
        for name, words in rules.texts(rule.slug, rule.version, "en").get("forms", {}).items()
    }
    for name, form in rules.forms().items():
        _add(router, name, form, titles[name])
    return router


def _add(router: APIRouter, name: str, form: type[Form], title: str) -> None:
    receipt = BallotReceipt if name == BALLOT else WordReceipt

    async def say(proposal_id: UUID, body: Any, request: Request, caller: Caller) -> BallotReceipt | WordReceipt:
        utterance = Utterance(caller, proposal_id, name, body)
        return _receipt(await _take(request, utterance))

    say.__name__ = f"say_{name}"
    say.__doc__ = form.__doc__
    say.__annotations__ |= {"body": form, "return": receipt}
    endpoint = shares_transaction(permits(Permission.ANSWER, Scope.PARTICIPATE)(say))
    router.add_api_route(
        f"/{{proposal_id}}/{form.plural}",
        endpoint,
        methods=["POST"],
        status_code=201,
        name=f"say_{name}",
        summary=title,
        response_model=receipt,
    )


async def _take(request: Request, utterance: Utterance) -> Answer:
    """With an Idempotency-Key the words get a transaction of their own, which keeps the answer as well."""
    desk: Desk = request.app.state.desk
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return await desk.take(utterance)
    return await desk.take_within(session, utterance, request.app.state.clock.now())


def _receipt(answer: Answer) -> BallotReceipt | WordReceipt:
    row = answer.row
    if isinstance(answer, Taken):
        tracker = None if answer.slip is None else answer.slip.tracker
        cast_at = row["cast_at"] if tracker is None else None
        return BallotReceipt(
            phase=answer.phase, value=row["choice"], cast_at=cast_at, event=answer.event, tracker=tracker
        )
    return WordReceipt(
        event=answer.event,
        **{name: row[name] for name in ("ref", "phase", "form", "value", "about", "revision", "said_at")},
    )


@reading.get("/{proposal_id}/rounds", summary="List the rounds")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_rounds(proposal_id: UUID, look: Look) -> list[RoundView]:
    """The rounds of the process, each with its phases, and why each was opened; all at once, for every rule comes to
    an end after so many."""
    await queries.visible_proposal(look.session, look.caller, proposal_id)
    phases = await queries.phases(look.session, look.caller.organisation_id, proposal_id)
    return round_views(phases, await _reader(look, proposal_id))


@reading.get("/{proposal_id}/words", summary="List what was said")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_words(
    proposal_id: UUID,
    look: Look,
    cut: Cursor,
    form: Annotated[str | None, Query(max_length=64, description="Only words of this form.")] = None,
) -> Page[WordView]:
    """What was said, in the order of saying. Words of a sealed round appear when it has closed."""
    await queries.visible_proposal(look.session, look.caller, proposal_id)
    closed = closed_phases(await queries.phases(look.session, look.caller.organisation_id, proposal_id))
    rows = await queries.words(look.session, look.caller, proposal_id, closed, cut, form=form)
    names = await _names(look, [row.by for row in rows])
    return page(look.request, look.response, rows, cut, key=lambda row: row.ref, view=lambda row: word_view(row, names))


@reading.get("/{proposal_id}/objections", summary="List objections and concerns")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_objections(proposal_id: UUID, look: Look, cut: Cursor) -> Page[MatterView]:
    """Objections and concerns with their state, as the pinned rule keeps track of them; it must be installed."""
    organisation_id, after = look.caller.organisation_id, cut.word or ""
    await queries.visible_proposal(look.session, look.caller, proposal_id)
    await queries.process(look.session, organisation_id, proposal_id)
    running = await load(look.session, organisation_id, proposal_id)
    try:
        rule = pinned(running, look.rules)
    except NeedsAttention as stop:
        raise RuleUnavailable(rule=stop.detail) from stop
    matters = sorted(rule.matters(as_seen_by_all(running.case, running.phases)), key=lambda one: one.ref)
    rest = [one for one in matters if one.ref > after][: cut.limit + 1]
    words = await queries.words_named(look.session, organisation_id, proposal_id, [one.ref for one in rest])
    names = await _names(look, [one.by for one in rest])
    return page(
        look.request, look.response, rest, cut, key=lambda one: one.ref, view=lambda one: matter_view(one, names, words)
    )


@reading.get("/{proposal_id}/electorate", summary="List who decides")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_electorate(proposal_id: UUID, look: Look, cut: Cursor) -> Page[ElectorView]:
    """Who decides: frozen at admission; those who have left since are marked."""
    organisation_id = look.caller.organisation_id
    await queries.visible_proposal(look.session, look.caller, proposal_id)
    rows = await queries.electorate(look.session, organisation_id, proposal_id, after=cut.word, limit=cut.limit)
    names = {row.voter: MemberName(row.id, row.name) for row in rows if row.id is not None}

    def view(row: Any) -> ElectorView:
        return ElectorView(
            member=named(row.voter, names),
            pseudonym=row.voter,
            college=row.college,
            has_left=row.left_in_phase is not None,
        )

    return page(look.request, look.response, rows, cut, key=lambda row: row.voter, view=view)


@reading.get("/{proposal_id}/tally", summary="Read how a vote stands")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_tally(proposal_id: UUID, look: Glance) -> TallyView:
    """The running count of the vote that is held now; only how many ballots have come, where it is not open. There is
    none, 404, while no vote is held."""
    pages: Pages = look.request.app.state.pages
    tallies: Tallies = look.request.app.state.tallies
    row = await pages.row(look.caller, proposal_id)
    plan = None if row.plan is None else plan_of(row.id, row.number, row.plan)
    if plan is None or plan.yields != "profile":
        raise NotFound
    shown = plan.sight == "open" and all(floor.paper is None for floor in plan.floors)
    vote = Vote(look.caller.organisation_id, row.id, row.round, shown, plan.sight == "secret")
    found = await tallies.standing(vote)
    choices = dict(found.choices) if shown else None
    return TallyView(counted_at=found.counted_at, round=row.round, ballots=found.ballots, choices=choices)


@reading.get("/{proposal_id}/urn", summary="List the ballots of a secret vote")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_slips(
    proposal_id: UUID,
    look: Look,
    cut: Cursor,
    held_round: Annotated[int, Query(alias="round", ge=1, le=10_000, description="The round of the vote.")] = 1,
) -> Page[SlipView]:
    """The ballots of a secret vote once it has closed, in the order of their trackers: everybody can count them again,
    and each voter finds their own. Fewer than twenty are listed to nobody: `too_few_to_list`. Empty before the close,
    in any other vote, and where the ballots were not counted."""
    proposal = await queries.visible_proposal(look.session, look.caller, proposal_id)
    rows = await votes.slips(look.session, proposal, held_round, cut, least=FEWEST_LISTED)
    return page(look.request, look.response, rows, cut, key=lambda row: row.tracker, view=SlipView.model_validate)


@reading.post("/{proposal_id}/urn/search", summary="Find one's own ballot of a secret vote")
@permits(Permission.READ_PROPOSALS, Scope.READ)
@changes_nothing
async def find_slip(proposal_id: UUID, body: SlipSought, look: Glance) -> SlipView:
    """The ballot of a secret vote that has closed which has this tracker, as it was counted: a voter checks their own,
    however few have voted. The tracker is sent in the body, for addresses are often logged beside who calls."""
    async with look.passing.session() as session:
        proposal = await queries.visible_proposal(session, look.caller, proposal_id)
        return SlipView.model_validate(await votes.slip(session, proposal, body.round, body.tracker))


@reading.get("/{proposal_id}/outcome", summary="Read the outcome")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def read_outcome(proposal_id: UUID, look: Look) -> OutcomeView:
    """How the process ended, as it was computed and recorded then."""
    await queries.visible_proposal(look.session, look.caller, proposal_id)
    process = await queries.process(look.session, look.caller.organisation_id, proposal_id)
    return outcome_view(queries.recorded_outcome(process), await _reader(look, proposal_id))


async def _reader(look: Sitting, proposal_id: UUID) -> Reader:
    process = await queries.process(look.session, look.caller.organisation_id, proposal_id)
    proposal = await queries.visible_proposal(look.session, look.caller, proposal_id)
    text = await text_in_force(look.session, proposal.organisation_id, proposal)
    options = [*text.options, *await votes.options_added(look.session, proposal.organisation_id, proposal_id)]
    pinned = Pinned(process.rule_slug, process.rule_version, process.options)
    colleges = await votes.college_names(look.session, proposal.organisation_id) if "college" in process.reads else {}
    people = await votes.people_called(look.session, proposal.organisation_id, process.outcome)
    return Reader(look.rules, look.language, pinned, slate.names(options) | colleges | people)


async def _names(look: Sitting, pseudonyms: list[str]) -> dict[str, MemberName]:
    return await member_by_pseudonyms(look.session, look.caller.organisation_id, pseudonyms)
