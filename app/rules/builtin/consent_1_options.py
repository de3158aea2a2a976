"""What a circle chooses when it decides by consent: what silence means, who tests objections, how long steps last."""

from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.contract import Options
from app.rules.figures import CountOrShare, Duration, Period, Share

Low = Literal["escalate", "lapse", "adopt_if_no_objection"]
Rung = Literal["escalate", "defer", "trial"]
Silence = Literal["silence_is_consent", "silence_is_absent", "explicit_required", "silence_escalates"]
EVERY_ANSWER_NEEDED: Final = ("explicit_required", "silence_escalates")
Judge = Literal["none", "facilitator_logic", "group", "panel"]


class Durations(Options):
    """How long each step lasts, in ISO 8601."""

    clarifying: Annotated[Duration, Field(description="To ask clarifying questions.")] = "P3D"
    answering: Annotated[Duration, Field(description="Added once when a question is unanswered.")] = "PT48H"
    reacting: Annotated[Duration, Field(description="To say how the proposal lands.")] = "P2D"
    amending: Annotated[Duration, Field(description="For the proposer to change or keep the text.")] = "P2D"
    objecting: Annotated[Duration, Field(description="To consent or object.")] = "P4D"
    contesting: Annotated[Duration, Field(description="The least time left to contest an editorial change.")] = "PT24H"
    confirming: Annotated[Duration, Field(description="The last look when no objection qualified.")] = "PT24H"
    extension: Annotated[Duration, Field(description="Added once a round when too few answered.")] = "PT48H"
    testing: Annotated[Duration, Field(description="To test one objection.")] = "P2D"
    adoption: Annotated[Duration, Field(description="To take over the objection of somebody who left.")] = "PT48H"
    integrating: Annotated[Duration, Field(description="To resolve one objection.")] = "P5D"
    response: Annotated[
        Duration, Field(description="How much of that an objector has to answer before it can be set aside.")
    ] = "PT72H"
    appeal: Annotated[Duration, Field(description="To appeal when one's objection was set aside.")] = "P2D"
    deferral: Annotated[Duration, Field(description="How long a deferred proposal rests.")] = "P30D"


class ConsentOptions(Options):
    """The options of a decision by consent."""

    begins_with: Annotated[
        Literal["clarifying", "objecting"],
        Field(description="The first step; objecting at once suits proposals that were worked out together."),
    ] = "clarifying"
    silence_policy: Annotated[
        Silence,
        Field(description="What the silence of an elector means; it never counts as taking part."),
    ] = "silence_is_absent"
    min_participation: Annotated[
        Share, Field(description="The part of the electors besides the proposer who must answer, rounded up.")
    ] = Fraction(1, 2)
    tolerance: Annotated[
        CountOrShare,
        Field(
            description="How many qualified objections the circle can live with: a number, or a part of the electors "
            "besides the proposer, rounded down; a part of those who answered when silence means absent."
        ),
    ] = 0
    stand_aside: Annotated[bool, Field(description="Whether electors may let the proposal pass without support.")] = (
        False
    )
    judge: Annotated[
        Judge,
        Field(
            description="Who tests objections: nobody, the facilitator on logic alone, the group, or a panel by lot."
        ),
    ] = "group"
    panel_size: Annotated[int, Field(ge=1, le=15, description="How many electors a panel counts.")] = 3
    max_rounds: Annotated[
        int, Field(ge=1, le=10, description="How many rounds of consent before the deadlock ladder.")
    ] = 3
    skip_confirm: Annotated[
        bool, Field(description="Adopt at once, without a last look, when no objection qualified.")
    ] = False
    on_low_participation: Annotated[
        Low, Field(description="What follows when, after the extension, too few have answered.")
    ] = "escalate"
    on_deadlock: Annotated[
        tuple[Rung, ...],
        Field(max_length=3, description="The deadlock ladder: each step once, in this order; then not adopted."),
    ] = ("escalate", "defer")
    trial: Annotated[Period, Field(description="How long a proposal adopted on trial holds before its review.")] = "P6M"
    durations: Annotated[Durations, Field(description="How long each step lasts.")] = Durations()

    @field_validator("on_deadlock")
    @classmethod
    def _each_step_once(cls, ladder: tuple[Rung, ...]) -> tuple[Rung, ...]:
        if len(set(ladder)) < len(ladder):
            raise PydanticCustomError("ladder", "each step of the deadlock ladder is named once")
        return ladder

    @field_validator("on_low_participation")
    @classmethod
    def _silence_never_adopts(cls, low: Low, given: ValidationInfo) -> Low:
        if low == "adopt_if_no_objection" and given.data.get("silence_policy") in EVERY_ANSWER_NEEDED:
            raise PydanticCustomError(
                "silence_adopts", "a rule that waits for every answer cannot adopt while answers are missing"
            )
        return low

    @property
    def every_answer_needed(self) -> bool:
        """Whether one silent elector is enough to stop the decision."""
        return self.silence_policy in EVERY_ANSWER_NEEDED
