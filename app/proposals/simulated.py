"""The shapes in which a rule is tried over HTTP: on what a circle has decided, and on a vote that nobody has held."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from app.foundation.written import Shape
from app.proposals.schemas import OutcomeView, ReasonView, WinnerView
from app.rules.papers import LONGEST, MOST_OPTIONS, OPTION

_ID = "0198c1d2-5b7e-7000-8000-0000000000a1"
_AT = "2026-11-23T09:30:00Z"

MOST_ELECTORS: Final = 100_000
"""More than one cooperative has, and few enough to be thought up for one question."""
MOST_BALLOTS: Final = 10_000
"""So many distinct ballots stand in one list."""

Number = Annotated[int, Field(ge=0, le=MOST_ELECTORS, strict=True)]
Weight = Annotated[str, StringConstraints(pattern="^[0-9]{1,9}(/[1-9][0-9]{0,8})?$")]
Name = Annotated[str, StringConstraints(max_length=40, pattern="^([0-9_-]*[A-Za-z][A-Za-z0-9_-]*)?$")]
Measure = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
Ballots = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)], Number], Field(max_length=MOST_BALLOTS)
]


class RuleToTry(Shape):
    """A rule that a circle thinks of adopting, with its options."""

    rule: str = Field(min_length=1, max_length=60, description="The rule's name.", examples=["majority"])
    version: int | None = Field(default=None, ge=1, description="Its version; without one, the newest.", examples=[1])
    options: dict[str, Any] = Field(
        default={}, description="What is not said keeps its default.", examples=[{"threshold": "2/3"}]
    )


def _besides_heads(measures: dict[str, str]) -> dict[str, str]:
    if "heads" in measures:
        raise PydanticCustomError("heads_are_one", "everybody has one head")
    return measures


class ElectorGroup(Shape):
    """Electors whom the rule may tell apart from others, and how they vote."""

    number: Annotated[int, Field(ge=1, le=MOST_ELECTORS, strict=True, description="How many.", examples=[12])]
    college: Name = Field(default="", description="The id of their college.", examples=["workers"])
    unit: Name = Field(default="", description="The name of their unit.", examples=["lyon"])
    measures: Annotated[dict[Measure, Weight], Field(max_length=10), AfterValidator(_besides_heads)] = Field(
        default={}, description="What each of them weighs besides one head, exactly.", examples=[{"votes": "3"}]
    )
    ballots: Ballots = Field(default={}, description="So many of them cast each ballot.", examples=[{"for": 9}])


class _OrNumber:
    """Lets a plain number stand for one group of so many."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_groups, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 1, "maximum": MOST_ELECTORS}
        return {"anyOf": [number, handler(schema)], "examples": [12]}


def _as_groups(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    if value < 1:
        raise PydanticKnownError("greater_than_equal", {"ge": 1})
    if value > MOST_ELECTORS:
        raise PydanticKnownError("less_than_equal", {"le": MOST_ELECTORS})
    return [{"number": value}]


def _not_too_many(groups: list[ElectorGroup]) -> list[ElectorGroup]:
    if sum(group.number for group in groups) > MOST_ELECTORS:
        raise PydanticCustomError("too_many_electors", "{most} electors at most", {"most": MOST_ELECTORS})
    return groups


def _each_once(options: list[str]) -> list[str]:
    if len({*options}) < len(options):
        raise PydanticCustomError("option_twice", "an option is named twice")
    return options


class Hypothesis(RuleToTry):
    """A vote that nobody has held: who could vote, and what they would have marked."""

    electors: Annotated[
        list[ElectorGroup],
        Field(min_length=1, max_length=100),
        AfterValidator(_not_too_many),
        _OrNumber(),
        Field(description="How many may vote; or groups of them, where the rule tells them apart."),
    ]
    ballots: Ballots = Field(
        default={},
        description="How many cast each ballot: one of the rule's values, or marked as its paper says. Where there are "
        "several groups and the rule tells them apart, each group names its own.",
        examples=[{"for": 12, "abstain": 3}],
    )
    on_ballot: Annotated[
        list[Annotated[str, StringConstraints(pattern=f"^{OPTION.pattern}$")]],
        Field(max_length=MOST_OPTIONS),
        AfterValidator(_each_once),
    ] = Field(default=[], description="The options between which the rule chooses, if any.", examples=[["o1", "o2"]])


class TriedRuleView(BaseModel):
    """The rule that was tried, with all its options."""

    slug: str = Field(examples=["majority"])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Majority"])
    options: dict[str, Any] = Field(examples=[{"threshold": "2/3"}])


class VerdictView(BaseModel):
    """How a decision ends, and why."""

    verdict: str = Field(examples=["adopted"])
    winners: list[WinnerView] = Field(default=[], description="What is chosen, in order.", examples=[[]])
    reasons: list[ReasonView]


class FurtherPhaseView(BaseModel):
    """A phase that the rule would open next, in which people would say what nobody can know."""

    kind: str = Field(examples=["casting_vote"])
    title: str = Field(examples=["Casting vote"])
    help: str | None = Field(default=None, examples=["For and against are equal: the chair decides."])
    reasons: list[ReasonView] = Field(default=[], description="Why it would be opened.")


class IncomparableView(BaseModel):
    """Why nothing can be said about a decision under this rule."""

    code: str = Field(examples=["other_paper"])
    sentence: str = Field(examples=["Ballots were marked in another way than this rule asks for."])
    reasons: list[ReasonView] = Field(default=[], description="What the rule says, if it ends before any vote.")


class ReplayedView(BaseModel):
    """One past decision, and what the rule would have made of it: an outcome, or what it would still need, or why
    nothing can be said."""

    proposal_id: UUID = Field(examples=[_ID])
    title: str = Field(examples=["Refund of expenses"])
    decided_at: datetime = Field(examples=[_AT])
    recorded: VerdictView = Field(description="How it ended.")
    replayed: VerdictView | None = Field(default=None, description="How it would have ended.")
    needs_more: FurtherPhaseView | None = Field(default=None, description="What would have come before any end.")
    not_comparable: IncomparableView | None = None
    differs: bool | None = Field(
        description="Whether the verdict, or who or what was chosen, would be another; null where that is not known.",
        examples=[True],
    )


class ReplaysView(BaseModel):
    """What a rule would have made of a circle's decisions, newest first."""

    rule: TriedRuleView
    differing: int = Field(description="How many would have ended otherwise.", examples=[1])
    alike: int = Field(description="How many would have ended as they did.", examples=[7])
    needing_more: int = Field(description="How many would have needed more than is recorded.", examples=[0])
    not_comparable: int = Field(description="How many say nothing about this rule.", examples=[2])
    more: bool = Field(description="Whether there are older decisions that were not looked at.", examples=[False])
    decisions: list[ReplayedView]


class NeedView(BaseModel):
    """What those who have not voted would have to say for an adoption."""

    value: str = Field(description="The ballot that helps most.", examples=["for"])
    left: int = Field(description="How many have not voted.", examples=[9])
    fewest: int | None = Field(
        description="How many of them must cast it if all others oppose; null: not even all are enough.", examples=[5]
    )
    sentence: str = Field(examples=["9 electors have not voted: 5 must vote “For” if the others vote “Against”."])


class RehearsalView(BaseModel):
    """What follows from a vote that nobody has held: its outcome, or what would come before any."""

    rule: TriedRuleView
    outcome: OutcomeView | None = Field(default=None, description="As if the vote closed now.")
    needs_more: FurtherPhaseView | None = None
    still_needs: NeedView | None = Field(
        default=None, description="While electors have not voted; null where it is no one number."
    )
