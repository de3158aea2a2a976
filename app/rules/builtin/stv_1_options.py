"""What a circle chooses when it elects several by single transferable vote: seats, quota, and how surpluses move."""

from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.choosing import ChoosingOptions

MOST_EXACT: Final = 8
"""Every surplus makes exact fractions twice as long: with more seats than these nobody could write them down."""


class StvOptions(ChoosingOptions):
    """How many are elected, what a seat takes, and how exactly surpluses are shared."""

    seats: Annotated[int, Field(ge=1, le=200, strict=True, description="How many are elected.")] = 2
    quota: Annotated[
        Literal["droop", "droop_recomputed", "hare"],
        Field(
            description="The votes that a seat takes. droop: floor(votes / (seats + 1)) + 1, fixed; droop_recomputed: "
            "the same of the votes that still count, in every round; hare: votes / seats."
        ),
    ] = "droop"
    surplus: Annotated[
        Literal["weighted_inclusive_gregory"],
        Field(description="All ballots of whoever is elected go on, each at its value times surplus / votes."),
    ] = "weighted_inclusive_gregory"
    arithmetic: Annotated[
        Literal["exact", "five_decimals"],
        Field(
            validate_default=True,
            description="exact: fractions, for at most 8 seats; five_decimals: the value of a transferred vote is cut "
            "after five decimals, and what is cut off is lost.",
        ),
    ] = "exact"
    look_back: Annotated[
        bool,
        Field(
            description="Of several that come last, whoever had fewest in earlier rounds, the latest first, goes out."
        ),
    ] = True

    @field_validator("arithmetic")
    @classmethod
    def _can_be_written(cls, arithmetic: str, given: ValidationInfo) -> str:
        if arithmetic == "exact" and given.data.get("seats", 0) > MOST_EXACT:
            raise PydanticCustomError("too_many_seats", "for more than 8 seats choose five_decimals")
        return arithmetic
