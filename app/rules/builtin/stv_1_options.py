"""What a circle chooses when it elects several by single transferable vote: seats, quota, and how surpluses move."""

from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.choosing import ChoosingOptions

MOST_EXACT: Final = 8
"""Every surplus makes exact fractions twice as long: with more seats than these nobody could write them down."""


class StvOptions(ChoosingOptions):
    """How many are elected, what a seat takes, and how exactly surpluses are shared."""

    seats: Annotated[int, Field(ge=1, le=200, strict=True)] = 2
    quota: Literal["droop", "droop_recomputed", "hare"] = "droop"
    surplus: Literal["weighted_inclusive_gregory"] = "weighted_inclusive_gregory"
    arithmetic: Annotated[Literal["exact", "five_decimals"], Field(validate_default=True)] = "exact"
    look_back: bool = True

    @field_validator("arithmetic")
    @classmethod
    def _can_be_written(cls, arithmetic: str, given: ValidationInfo) -> str:
        if arithmetic == "exact" and given.data.get("seats", 0) > MOST_EXACT:
            raise PydanticCustomError("too_many_seats", "for more than 8 seats choose five_decimals")
        return arithmetic
