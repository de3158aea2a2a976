"""What people fill in when they select somebody for a role. People are named as the electorate knows them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.builtin.consent_1_forms import Spoken
from app.rules.contract import Form, Text, shown_by

Person = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""An elector, by the pseudonym under which ``/electorate`` lists them."""


class Confirmation(Form):
    """Confirm that the role is described well enough to choose somebody for it."""

    plural = "confirmations"
    model_config = shown_by(value="confirmed")

    value: Literal["confirmed"] = "confirmed"


class Nomination(Form):
    """Name the person whom one sees in the role, oneself included. Nobody sees it before all have done so."""

    plural = "nominations"
    model_config = shown_by(value="s:fQk3")

    value: Annotated[Person, Field(description="An elector's pseudonym; `pass` where the circle allows it.")]


class Why(Spoken):
    """Say why one named this person: what they would bring to the role. Nobody replies."""

    plural = "whys"
    model_config = shown_by(value="said", text="She asks before she decides, and she keeps the books open.")
    needs_text = frozenset({"said"})

    value: Literal["said", "pass"]


class Change(Form):
    """Name another person after having heard the reasons, or keep to one's nomination; once."""

    plural = "changes"
    model_config = shown_by(value="s:fQk3", text="What was said about the books convinced me.")

    value: Annotated[Person, Field(description="An elector's pseudonym, or `keep`.")]
    text: Annotated[Text | None, Field(validate_default=True, description="Why.")] = None
    keeps: ClassVar[str] = "keep"

    @field_validator("text")
    @classmethod
    def _says_why(cls, text: str | None, given: ValidationInfo) -> str | None:
        if text is None and given.data.get("value") != cls.keeps:
            raise PydanticCustomError("text_required", "this value needs a text that says why")
        return text


class Proposed(Form):
    """Propose the person for whom the reasons are strongest, and say what makes them so."""

    plural = "proposed-people"
    model_config = shown_by(value="s:fQk3", text="Three of us spoke of the books, and nobody of anybody else.")

    value: Annotated[Person, Field(description="The pseudonym of somebody who was named.")]
    text: Annotated[Text, Field(description="Why.")]
