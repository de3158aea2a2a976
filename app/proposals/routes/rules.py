"""The decision rules that are installed, as anybody in the organisation may read them."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from app.foundation.permissions import Scope
from app.foundation.problems import language_of
from app.foundation.routing import permits, room
from app.people.signin import Caller
from app.proposals.policy import Permission
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule
from app.rules.offered import offered

router = room("rules", prefix="/v1/decision-rules")


class DecisionRuleView(BaseModel):
    """One version of a decision rule: what it means, what can be set, what is filled in under it."""

    slug: str = Field(examples=["consent"])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Consent"])
    description: str = Field(examples=["A proposal is adopted when no objection stands."])
    claims: list[str] = Field(description="Properties that its tests check.", examples=[["anonymous", "neutral"]])
    reference_digest: str = Field(description="SHA-256 of its reference vectors: its meaning.", examples=["9f86d081"])
    options: dict[str, Any] = Field(
        description="JSON Schema of its options: titles, helps (`description`) and titles of values in your language.",
        examples=[{"type": "object"}],
    )
    forms: dict[str, Any] = Field(description="JSON Schema of each form.", examples=[{"position": {"type": "object"}}])


@router.get("", summary="List the installed rules")
@permits(Permission.READ_PROPOSALS, Scope.READ)
async def list_decision_rules(request: Request, caller: Caller) -> list[DecisionRuleView]:
    """The installed decision rules in every version, with their options and forms; all at once, for there are no more
    than an operator has installed."""
    catalogue: Catalogue = request.app.state.catalogue
    return [rule_view(catalogue, rule, request) for rule in catalogue.rules()]


def rule_view(catalogue: Catalogue, rule: type[DecisionRule], request: Request) -> DecisionRuleView:
    """One rule in the caller's language."""
    texts = catalogue.texts(rule.slug, rule.version, language_of(request))
    return DecisionRuleView(
        slug=rule.slug,
        version=rule.version,
        title=texts["title"],
        description=texts["description"],
        claims=sorted(rule.claims),
        reference_digest=catalogue.reference_digest(rule.slug, rule.version),
        options=offered(rule, texts),
        forms={name: form.model_json_schema() for name, form in sorted(rule.forms.items())},
    )
