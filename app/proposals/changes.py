"""What a proposal would change if adopted: typed changes, each of which touches a domain.

The deciding circle is the one that holds the domains of all changes; nobody chooses it.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from app.agreements.tables import AgreementKind


class AdoptAgreement(BaseModel):
    """Put the proposal's own text, as adopted, into the register of agreements of the circle that holds the domain."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "kind": "adopt_agreement",
                    "domain_id": "0198c1d2-5b7e-7000-8000-00000000d001",
                    "agreement_kind": "policy",
                }
            ]
        },
    )

    kind: Literal["adopt_agreement"]
    domain_id: UUID = Field(description="The domain that the agreement is about.")
    agreement_kind: AgreementKind = AgreementKind.POLICY

    @property
    def domains(self) -> tuple[UUID, ...]:
        """The domains that this change touches."""
        return (self.domain_id,)


Change = AdoptAgreement


def _each_once(changes: list[Change]) -> list[Change]:
    if len({(change.kind, change.domain_id) for change in changes}) < len(changes):
        raise PydanticCustomError("change_twice", "the same change of the same domain is named twice")
    return changes


Changes = Annotated[list[Change], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
_changes: TypeAdapter[list[Change]] = TypeAdapter(list[Change])


def parse(stored: list[dict[str, Any]]) -> list[Change]:
    """The changes of a stored revision."""
    return _changes.validate_python(stored)


def dump(changes: list[Change]) -> list[dict[str, Any]]:
    """Changes as they are stored and hashed."""
    stored: list[dict[str, Any]] = _changes.dump_python(changes, mode="json")
    return stored


def domains(changes: list[Change]) -> list[UUID]:
    """All domains that the changes touch, in their order."""
    return [domain for change in changes for domain in change.domains]
