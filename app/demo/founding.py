"""Lays Scic Ardoise down over the HTTP API, as the steward of a new cooperative would, and hands it over."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.demo.script import CirclePart, Cooperative, MemberPart
from app.demo.stage import Stage
from app.demo.voices import Voices
from app.foundation.language import Language
from app.organisations.founding import found
from app.organisations.tables import Admission, MemberKind, OrganisationText
from app.roles.tables import RoleKind


@dataclass
class Ground:
    """What was laid down, by the keys of the data file: ids as the API gave them."""

    organisation: Any = None
    members: dict[str, str] = field(default_factory=dict)
    colleges: dict[str, str] = field(default_factory=dict)
    circles: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    placed: Counter[str] = field(default_factory=Counter)


async def found_cooperative(stage: Stage, plan: Cooperative, language: Language) -> None:
    """The one thing done without the API: before it nobody is there who could call."""
    text = plan.organisation
    steward = plan.everybody[text.steward]
    organisation = OrganisationText(
        slug=text.slug, name=text.name.said(language), legal_form=text.legal_form, time_zone=text.time_zone
    )
    first = Admission.model_validate(_entry(steward, language))
    async with stage.database.write() as session:
        await found(session, organisation, first, host=stage.host, now=stage.clock.now())


class Founding:
    """The steward at work, from the register to the end of the founding."""

    def __init__(self, voices: Voices, plan: Cooperative, language: Language) -> None:
        self.ground = Ground()
        self._voices = voices
        self._plan = plan
        self._language: Language = language
        self._steward = plan.organisation.steward

    async def lay_down(self) -> Ground:
        """Members, colleges, circles with their domains, rules, roles and links; then the structure is handed over."""
        await self._colleges()
        for member in self._plan.everybody.values():
            await self._admit(member)
        await asyncio.gather(*(self._place(member) for member in self._plan.everybody.values()))
        for circle in self._plan.circle:
            await self._circle(circle)
        for circle in self._plan.circle:
            await self._offices(circle)
        self.ground.organisation = await self._post("/v1/organisation/founding-end")
        return self.ground

    async def _colleges(self) -> None:
        now = await self._voices.call(self._steward, "GET", "/v1/colleges")
        setting = {
            "valid_from": self._plan.organisation.founded.isoformat(),
            "colleges": [{"name": one.name.said(self._language), "weight": one.weight} for one in self._plan.college],
        }
        answer = await self._voices.call(self._steward, "PUT", "/v1/colleges", setting, if_match=now.headers["etag"])
        made = answer.body["colleges"]
        self.ground.colleges = {one.key: new["id"] for one, new in zip(self._plan.college, made, strict=True)}

    async def _admit(self, member: MemberPart) -> None:
        """One after the other: the register keeps the order of entry."""
        if member.key == self._steward:
            admitted = (await self._voices.get(self._steward, "/v1/me"))["member"]
        else:
            admitted = await self._post("/v1/members", _entry(member, self._language))
        self.ground.members[member.key] = admitted["id"]

    async def _place(self, member: MemberPart) -> None:
        since = member.joined.isoformat()
        path = f"/v1/members/{self.ground.members[member.key]}"
        await self._post(f"{path}/categories", {"category": member.category.value, "valid_from": since})
        college = {"college": self.ground.colleges[member.college], "valid_from": since}
        placed = await self._post(f"{path}/college", college)
        self.ground.placed[placed["college"]] += 1

    async def _circle(self, circle: CirclePart) -> None:
        made = await self._post(
            "/v1/circles",
            {
                "slug": circle.key,
                "name": circle.name.said(self._language),
                "aim": circle.aim.said(self._language),
                "kind": circle.kind.value,
                "parent_id": self.ground.circles[circle.parent] if circle.parent else None,
            },
        )
        self.ground.circles[circle.key] = made["id"]
        path = f"/v1/circles/{made['id']}"
        for key in self._plan.appointed(circle):
            await self._post(f"{path}/memberships", {"member_id": self.ground.members[key]})
        for domain in circle.domain:
            entrusted = await self._post(
                "/v1/domains",
                {
                    "circle_id": made["id"],
                    "slug": domain.key,
                    "name": domain.name.said(self._language),
                    "description": domain.description.said(self._language),
                },
            )
            self.ground.domains[domain.key] = entrusted["id"]
        await self._voices.call(self._steward, "PUT", f"{path}/decision-rule", circle.rule.model_dump())

    async def _offices(self, circle: CirclePart) -> None:
        for kind, who in circle.offices.items():
            office = self._plan.office[kind]
            await self._role(circle, who, kind, office.name.said(self._language), office.purpose.said(self._language))
        for role in circle.role:
            made = (role.name.said(self._language), role.purpose.said(self._language))
            await self._role(circle, role.holder, RoleKind.OTHER, *made, term_months=role.term_months)

    async def _role(self, circle: CirclePart, who: str, kind: RoleKind, name: str, purpose: str, **term: int) -> None:
        body = {"kind": kind.value, "name": name, "purpose": purpose, **term}
        role = await self._post(f"/v1/circles/{self.ground.circles[circle.key]}/roles", body)
        await self._post(f"/v1/roles/{role['id']}/assignments", {"member_id": self.ground.members[who]})

    async def _post(self, path: str, body: Any = None) -> Any:
        return await self._voices.post(self._steward, path, body)


def _entry(member: MemberPart, language: Language) -> dict[str, Any]:
    entity = member.representative is not None
    return {
        "name": member.name,
        "representative": member.representative,
        "email": member.email,
        "language": language,
        "kind": (MemberKind.LEGAL_ENTITY if entity else MemberKind.PERSON).value,
        "joined_on": member.joined.isoformat(),
    }
