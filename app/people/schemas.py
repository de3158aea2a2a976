"""How sign-in, sessions and tokens are asked for and shown; a secret appears once, in the answer that makes it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from app.foundation.permissions import Scope
from app.foundation.written import Line, Shape
from app.organisations.schemas import MemberRef, MemberView, OrganisationView

_ID = "0198c1d2-5b7e-7000-8000-000000000000"
_TIME = "2026-01-01T09:00:00Z"


class LinkWanted(Shape):
    """Whom to send a sign-in link."""

    organisation: Annotated[str, Line(60)] = Field(
        description="Short name of the organisation.", examples=["scic-ardoise"]
    )
    email: Annotated[str, Line(254)] = Field(description="Your address.", examples=["ana@ardoise.example"])


class LinkOnItsWay(BaseModel):
    """The same answer for everybody: it does not tell whether there is such a member."""

    minutes: int = Field(description="How long a link lives.", examples=[15])


class LinkSecret(Shape):
    """The secret of a sign-in link."""

    token: str = Field(max_length=200, description="What follows `token=` in the link.", examples=["cercle_link_…"])


class SessionOpened(BaseModel):
    """A session. Its secret is shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["cercle_ses_…"])
    expires_at: datetime = Field(description="When it ends.", examples=[_TIME])
    member: MemberRef = Field(description="For whom.")
    organisation: OrganisationView = Field(description="Of which organisation.")


class CredentialView(BaseModel):
    """A session or a token, without its secret."""

    id: UUID = Field(description="The credential.", examples=[_ID])
    label: str = Field(description="What its owner calls it.", examples=["Monthly report"])
    scopes: list[Scope] = Field(description="What it may be used for.", examples=[["read"]])
    created_at: datetime = Field(description="Since when.", examples=[_TIME])
    expires_at: datetime | None = Field(description="Until when.", examples=[_TIME])
    last_used_at: datetime | None = Field(description="Last use, to the hour.", examples=[_TIME])
    current: bool = Field(description="Whether it is the one in use now.", examples=[False])


class Me(BaseModel):
    """Who is calling."""

    member: MemberView = Field(description="The member.")
    organisation: OrganisationView = Field(description="Their organisation.")
    credential: CredentialView = Field(description="The session or token in use.")


class TokenWanted(Shape):
    """A personal access token to make."""

    label: Annotated[str, Line(120)] = Field(description="What it is for.", examples=["Monthly report"])
    scopes: list[Scope] = Field(
        min_length=1,
        max_length=len(Scope),
        description="No more than your own credential has.",
        examples=[["read"]],
    )
    expires_at: AwareDatetime | None = Field(
        default=None, description="At most a year from now; 90 days when absent.", examples=[_TIME]
    )

    @field_validator("scopes")
    @classmethod
    def _each_once(cls, value: list[Scope]) -> list[Scope]:
        return [scope for scope in Scope if scope in value]


class TokenMade(CredentialView):
    """A new token. Its secret is shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["cercle_pat_…"])
