"""What a circle may choose of the Schulze method."""

from fractions import Fraction
from math import ceil, isqrt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.schulze_1_paths import Strength, Unranked, Weight
from app.rules.choosing import ChoosingOptions
from app.rules.figures import MOST
from app.rules.papers import OPTION


class SchulzeOptions(ChoosingOptions):
    """How strong a majority is, what an unranked option means, and what an option must reach to stand at all."""

    strength: Strength = "winning_votes"
    unranked: Unranked = "last"
    default: Annotated[str, StringConstraints(pattern=f"^{OPTION.pattern}$")] | None = None
    option_quorum: Annotated[int, Field(ge=0, le=MOST, strict=True, validate_default=True)] = 0
    option_quorum_in: Literal["votes", "half_roots"] = "votes"
    default_majority: Annotated[int, Field(ge=1, le=99, strict=True)] | None = 1

    @field_validator("option_quorum")
    @classmethod
    def _is_against_a_default(cls, quorum: int, given: ValidationInfo) -> int:
        if quorum and given.data.get("default") is None:
            raise PydanticCustomError("no_default", "a quorum of options counts votes above the default: name one")
        return quorum

    def needed(self, electors: Weight) -> int:
        """The quorum of an option in whole votes: the least n with n² >= k² x electors / 4, if it is in half roots."""
        if self.option_quorum_in == "votes":
            return self.option_quorum
        square = ceil(Fraction(self.option_quorum**2 * electors, 4))
        return isqrt(square - 1) + 1 if square else 0
