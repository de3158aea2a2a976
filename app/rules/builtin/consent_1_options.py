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

    clarifying: Duration = "P3D"
    answering: Duration = "PT48H"
    reacting: Duration = "P2D"
    amending: Duration = "P2D"
    objecting: Duration = "P4D"
    contesting: Duration = "PT24H"
    confirming: Duration = "PT24H"
    extension: Duration = "PT48H"
    testing: Duration = "P2D"
    adoption: Duration = "PT48H"
    integrating: Duration = "P5D"
    response: Duration = "PT72H"
    appeal: Duration = "P2D"
    deferral: Duration = "P30D"


class ConsentOptions(Options):
    """The options of a decision by consent."""

    begins_with: Literal["clarifying", "objecting"] = "clarifying"
    silence_policy: Silence = "silence_is_absent"
    min_participation: Share = Fraction(1, 2)
    tolerance: CountOrShare = 0
    stand_aside: bool = False
    judge: Judge = "group"
    panel_size: Annotated[int, Field(ge=1, le=15)] = 3
    max_rounds: Annotated[int, Field(ge=1, le=10)] = 3
    skip_confirm: bool = False
    on_low_participation: Low = "escalate"
    on_deadlock: Annotated[tuple[Rung, ...], Field(max_length=3)] = ("escalate", "defer")
    trial: Period = "P6M"
    durations: Durations = Durations()

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
