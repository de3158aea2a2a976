"""The shapes in which proposals travel over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.foundation.written import Prose
from app.proposals.changes import Change
from app.proposals.lifecycle import Appeal, ProposalState
from app.proposals.slate import OptionView
from app.proposals.tables import Amendment, TensionText

_ID = "0198c1d2-5b7e-7000-8000-0000000000a1"
_AT = "2026-11-23T09:30:00Z"


class Named(BaseModel):
    """Somebody or something by id and name; a person who was erased has no name any more."""

    id: UUID | None = Field(examples=[_ID])
    name: str | None = Field(examples=["Ana Martin"])


class NewTension(TensionText):
    """A tension as it is named: what happens, an example, what is needed."""

    model_config = {"extra": "forbid", "str_strip_whitespace": True}  # noqa: RUF012 - the base class's own form


class TensionView(TensionText):
    """A tension: what happens, an example, what is needed."""

    id: UUID = Field(examples=[_ID])
    sensed_by: UUID = Field(description="The member who named it.", examples=[_ID])
    created_at: datetime = Field(examples=[_AT])


class NewProposal(BaseModel):
    """Which tension a new proposal answers; the rest is its text."""

    tension_id: UUID = Field(description="The tension that the proposal answers.", examples=[_ID])


class PaperView(BaseModel):
    """How a ballot is marked."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["one", "approval", "ranking", "rating"] = Field(examples=["ranking"])
    least: int = Field(description="How many options are marked at least.", examples=[1])
    most: int | None = Field(description="How many at most; null: all.", examples=[None])
    low: int = Field(description="The least points of a rating.", examples=[0])
    high: int = Field(description="The most points of a rating.", examples=[5])
    budget: int | None = Field(description="What the squares of the points may add up to.", examples=[None])
    equal: bool = Field(description="Whether a rank may hold several options.", examples=[True])
    alone: list[str] = Field(description="Answers that mark no option.", examples=[["abstain", "blank"]])


class StepView(BaseModel):
    """Something that the caller can do now, or cannot and why."""

    name: str = Field(description="The step, or the form that is said on a floor.", examples=["position"])
    title: str = Field(description="In the caller's language.", examples=["Answer the proposal"])
    method: str = Field(examples=["POST"])
    href: str = Field(examples=[f"/v1/proposals/{_ID}/positions"])
    form: str = Field(
        description="Where the JSON Schema of the body is.", examples=["/openapi.json#/components/schemas/Position"]
    )
    due: bool = Field(default=False, description="Whether the phase waits for it from the caller.", examples=[True])
    values: list[str] = Field(default=[], description="The values allowed here.", examples=[["consent", "objection"]])
    paper: PaperView | None = Field(default=None, description="How `values` are marked, if not one of them alone.")
    about: list[str] = Field(default=[], description="The words or subject it can be about.", examples=[["w00000007"]])
    reason: str | None = Field(default=None, description="Why it is closed; null when open.", examples=["phase_over"])
    detail: str | None = Field(default=None, description="The reason as a sentence.", examples=["The phase is over."])


class ReasonView(BaseModel):
    """Why the process took a step: a code with exact figures, and the sentence."""

    code: str = Field(examples=["consent"])
    facts: dict[str, Any] = Field(examples=[{"answered": 9, "needed": 8, "of": 11}])
    about: str | None = Field(default=None, examples=["w00000012"])
    sentence: str = Field(examples=["9 of 11 answered, 8 were needed."])


class PhaseView(BaseModel):
    """A phase of the process. Positions in a sealed phase are readable when it ends."""

    number: int = Field(examples=[4])
    round: int = Field(examples=[2])
    kind: str = Field(examples=["objecting"])
    title: str = Field(examples=["Consent round"])
    help: str | None = Field(default=None, examples=["Consent, or object with a reason."])
    revision: int = Field(description="The revision in force when it opened.", examples=[1])
    sight: Literal["open", "sealed", "secret"] = Field(examples=["sealed"])
    subject: str | None = Field(default=None, description="The word it is about.", examples=["w00000012"])
    opened_at: datetime = Field(examples=[_AT])
    closes_at: datetime | None = Field(default=None, examples=[_AT])
    awaited: int | None = Field(
        description="How many due answers are missing; null in a vote, whose ballots are not counted before its end.",
        examples=[3],
    )
    ended: str | None = Field(default=None, examples=["deadline"])
    ended_at: datetime | None = Field(default=None, examples=[_AT])
    reasons: list[ReasonView] = Field(default=[], description="Why it was opened.")
    notices: list[ReasonView] = Field(
        default=[],
        description="In an open vote: whether a ballot can be replaced; in a secret one, what secrecy does not hide.",
        examples=[[]],
    )


class RoundView(BaseModel):
    """A round: the phases that carry one another on, in order."""

    number: int = Field(examples=[2])
    phases: list[PhaseView]


class RuleView(BaseModel):
    """The rule under which the process was admitted, with its options: frozen."""

    slug: str = Field(examples=["consent"])
    version: int = Field(examples=[1])
    title: str | None = Field(default=None, examples=["Consent"])
    options: dict[str, Any] = Field(examples=[{"min_participation": "2/3"}])
    electors: int = Field(
        description="How many belong to the frozen electorate, the proposer included, whom `consent` does not ask.",
        examples=[13],
    )


class WinnerView(BaseModel):
    """An option that was chosen."""

    id: str = Field(examples=["o1"])
    title: str | None = Field(default=None, examples=["Move to the Rue des Lilas"])


class TableView(BaseModel):
    """Figures of a count as people read them."""

    name: str = Field(examples=["rounds"])
    title: str = Field(examples=["Rounds of the count"])
    columns: list[str] = Field(examples=[["Option", "Round 1"]])
    rows: list[list[str]] = Field(examples=[[["Move to the Rue des Lilas", "12"]]])


class OutcomeView(BaseModel):
    """How the process ended, with exact reasons."""

    verdict: str = Field(examples=["adopted"])
    winners: list[WinnerView] = Field(default=[], description="What was chosen, in order.", examples=[[]])
    reasons: list[ReasonView]
    tables: dict[str, Any] = Field(
        default={},
        description="Exact figures; the first row names the columns.",
        examples=[{"ballots": [["choice", "votes"], ["for", 12]]}],
    )
    readable: list[TableView] = Field(default=[], description="The same in words.", examples=[[]])
    lasts: str | None = Field(default=None, description="Trial period, ISO 8601.", examples=["P3M"])


class ProposalItem(BaseModel):
    """A proposal in a list."""

    id: UUID = Field(examples=[_ID])
    title: str = Field(examples=["Refund of expenses"])
    state: ProposalState = Field(examples=["deciding"])
    circle_id: UUID = Field(description="Computed from the domains it touches.", examples=[_ID])
    proposer_id: UUID = Field(examples=[_ID])
    tension_id: UUID = Field(examples=[_ID])
    revision: int = Field(examples=[1])
    edition: int = Field(examples=[1])
    created_at: datetime = Field(examples=[_AT])
    submitted_at: datetime | None = Field(default=None, examples=[_AT])
    ended_at: datetime | None = Field(default=None, examples=[_AT])
    phase_kind: str | None = Field(default=None, examples=["objecting"])
    phase_closes_at: datetime | None = Field(default=None, examples=[_AT])
    verdict: str | None = Field(default=None, examples=["adopted"])


class TodoItem(BaseModel):
    """A proposal that waits for the caller, and what they may do about it."""

    proposal_id: UUID = Field(examples=[_ID])
    title: str = Field(examples=["Refund of expenses"])
    circle: Named
    state: ProposalState = Field(examples=["deciding"])
    phase: str | None = Field(default=None, description="The phase, in the caller's language.", examples=["Vote"])
    until: datetime | None = Field(description="When it goes on without them; null: it waits.", examples=[_AT])
    steps: list[StepView] = Field(description="What would be done with it.")


class ProposalView(BaseModel):
    """A proposal as its page shows it to the caller."""

    id: UUID = Field(examples=[_ID])
    title: str = Field(examples=["Refund of expenses"])
    body: str = Field(examples=["An expense up to 50 euros is refunded within a week."])
    changes: list[Change]
    review_on: date = Field(examples=["2027-06-30"])
    evaluation: str | None = Field(default=None, examples=["Nobody waits for more than a week."])
    options: list[OptionView] = Field(default=[], description="Between what the circle chooses, if not yes and no.")
    state: ProposalState = Field(examples=["deciding"])
    circle: Named
    proposer: Named
    tension_id: UUID = Field(examples=[_ID])
    tension: TensionText
    revision: int = Field(examples=[1])
    edition: int = Field(examples=[1])
    version: int = Field(description="The ETag, for If-Match.", examples=[3])
    created_at: datetime = Field(examples=[_AT])
    submitted_at: datetime | None = Field(default=None, examples=[_AT])
    admitted_at: datetime | None = Field(default=None, examples=[_AT])
    ended_at: datetime | None = Field(default=None, examples=[_AT])
    refusal: str | None = Field(
        default=None, description="Why it was refused, lapsed or stopped, as a code.", examples=["out_of_domain"]
    )
    refusal_title: str | None = Field(default=None, description="The same as a sentence.", examples=["Out of domain."])
    refusal_text: str | None = Field(default=None, description="In the words of who refused.", examples=["See 12."])
    appeal: Appeal | None = Field(default=None, description="Where an appeal against it stands.", examples=["open"])
    rule: RuleView | None = None
    phase: PhaseView | None = None
    outcome: OutcomeView | None = None
    available_steps: list[StepView] = Field(description="Exactly the steps that would succeed for the caller now.")


class StepsView(BaseModel):
    """Every step around the proposal for the caller: open ones, and closed ones with the reason."""

    available_steps: list[StepView]
    closed_steps: list[StepView]


class RevisionView(BaseModel):
    """One text that the proposal has had."""

    model_config = ConfigDict(from_attributes=True)

    number: int = Field(examples=[2])
    edition: int = Field(examples=[1])
    amendment: Amendment = Field(examples=["substantive"])
    at: datetime = Field(examples=[_AT])
    title: str = Field(examples=["Refund of expenses"])
    body: str = Field(examples=["An expense up to 50 euros is refunded within a week, with its receipt."])
    changes: list[dict[str, Any]] = Field(examples=[[{"kind": "adopt_agreement"}]])
    review_on: date = Field(examples=["2027-06-30"])
    evaluation: str | None = Field(default=None, examples=["Nobody waits for more than a week."])
    options: list[OptionView] = []


Explanation = Annotated[str, Prose(4000)]


class Statement(BaseModel):
    """An explanation in words, for the record."""

    model_config = ConfigDict(extra="forbid")

    text: Explanation | None = Field(default=None, examples=["Another proposal answers this better."])


class Grounds(BaseModel):
    """Why, in words."""

    model_config = ConfigDict(extra="forbid")

    text: Explanation = Field(examples=["The two proposals differ: this one is about travel."])


class AppealRuling(Grounds):
    """Whether the refusal was wrong, and why."""

    upheld: bool = Field(description="True: the proposal is submitted again.", examples=[True])


class AdmissionRefusal(BaseModel):
    """Why a proposal is not let in."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["out_of_domain", "no_tension", "duplicate", "illegal"] = Field(examples=["duplicate"])
    text: Explanation = Field(description="The same in words.", examples=["Proposal 12 says the same."])


class Departure(BaseModel):
    """That a member has left the cooperative."""

    model_config = ConfigDict(extra="forbid")

    reason: Explanation | None = Field(default=None, examples=["End of studies."])
