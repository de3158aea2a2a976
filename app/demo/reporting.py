"""What stands around the stories: who the cooperative is, what was decided and why, and how to check all of it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.audit.verification import verify_streams
from app.demo.narrator import Narrator, sentences
from app.demo.playing import Company
from app.demo.wording import Trouble


async def cooperative(company: Company, requests: int) -> None:
    """Who Scic Ardoise is, as the API now tells it."""
    narrator, voices, say = company.narrator, company.voices, company.narrator.wording.say
    asks = company.plan.organisation.steward
    members = await voices.all(asks, "/v1/members")
    colleges = (await voices.get(asks, "/v1/colleges"))["colleges"]
    narrator.title(company.ground.organisation["name"], say("cooperative.members", members=len(members)))
    narrator.gap()
    narrator.paragraph(company.plan.organisation.purpose.said(narrator.wording.language))
    narrator.gap()
    for college in colleges:
        percent = Fraction(college["weight"]) * 100
        placed = company.ground.placed[college["id"]]
        line = say("cooperative.college", name=college["name"], members=placed, percent=percent)
        narrator.paragraph(line, first="· ")
    narrator.tree([row async for row in _circles(company, asks)])
    narrator.gap()
    narrator.paragraph(say("cooperative.laid", requests=requests))


async def outcome(company: Company, path: str, proposer: str) -> str:
    """How a story ended, why, and what is in force now; returns the title of what was decided."""
    narrator, voices, say = company.narrator, company.voices, company.narrator.wording.say
    page = await voices.get(proposer, path)
    narrator.title(page["title"], say(f"outcome.{page['outcome']['verdict']}"))
    narrator.gap()
    for sentence in sentences(page["outcome"]["reasons"]):
        narrator.paragraph(sentence)
    matters = {one["ref"]: one for one in await voices.all(proposer, f"{path}/objections")}
    for agreement in await voices.all(proposer, "/v1/agreements"):
        full = await voices.get(proposer, f"/v1/agreements/{agreement['id']}")
        if path.endswith(full["proposal"]["id"]):
            _agreement(company, full, matters, page["rule"])
    return str(page["title"])


def _agreement(company: Company, agreement: Any, matters: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    narrator, say = company.narrator, company.narrator.wording.say
    wording = narrator.wording
    since = wording.date(wording.local(datetime.fromisoformat(agreement["in_force_from"])).date())
    narrator.gap()
    narrator.paragraph(say("outcome.agreement", since=since), style="bold")
    narrator.block(agreement["text"], indent=3)
    narrator.gap()
    review = wording.date(date.fromisoformat(agreement["review_on"]))
    narrator.paragraph(say("outcome.review", review=review), style="bold")
    texts = company.stage.catalogue.texts(rule["slug"], rule["version"], wording.language)["matters"]
    for carried in agreement["concerns"]:
        matter = matters[carried["word"]]
        words = texts[matter["kind"]]
        name = carried["member"]["name"] if carried["member"] else "…"
        line = say("outcome.carried", kind=words["title"], name=name, status=words["statuses"][matter["status"]])
        quote = say("story.quote", text=matter["texts"].get("text", ""))
        narrator.paragraph(say("story.labelled", label=line, text=quote), first="· ", indent=3)


async def check(company: Company, decided: Mapping[str, str], guide: str, link: str) -> None:
    """The log computed anew, and what anybody can type to see for themselves. Raises Trouble when it does not fit.

    ``decided`` names the proposals by title with their addresses.
    """
    narrator, voices, say = company.narrator, company.voices, company.narrator.wording.say
    narrator.title(say("check.title"))
    narrator.gap()
    narrator.paragraph(await _log(company, guide))
    token, address = await voices.token(guide), company.stage.address
    slug = company.plan.organisation.slug
    title, path = next(iter(decided.items()))
    await voices.get(guide, path)
    asked = say("check.as_somebody", name=company.plan.everybody[guide].called, title=title)
    for what, url in ((asked, path), (say("check.the_log"), f"/v1/organisations/{slug}/log/events")):
        _request(narrator, what, token, address + url)
    for what, line in ((say("check.docs"), f"{address}/docs"), (say("check.be_somebody"), link)):
        narrator.gap()
        narrator.paragraph(what)
        narrator.verbatim(f"  {line}")


async def your_turn(company: Company, guide: str) -> None:
    """What is open to the guide now, as requests to send: an answer that a round awaits, a draft to hand in."""
    narrator, voices, say = company.narrator, company.voices, company.narrator.wording.say
    token, address = await voices.token(guide), company.stage.address
    name = company.plan.everybody[guide].called
    shown = False
    for state, step in (("deciding", "position"), ("draft", "submit")):
        for listed in await voices.all(guide, f"/v1/proposals?state={state}"):
            page = await voices.get(guide, f"/v1/proposals/{listed['id']}")
            [href] = [one["href"] for one in page["available_steps"] if one["name"] == step] or [None]
            if href is None:
                continue
            if not shown:
                narrator.title(say("turn.title"))
            shown = True
            if state == "draft":
                _request(narrator, say("turn.draft", name=name, title=page["title"]), token, address + href, post="")
                continue
            until = narrator.wording.until(datetime.fromisoformat(page["phase"]["closes_at"]))
            what = say("turn.position", name=name, title=page["title"], until=until)
            answer = json.dumps({"revision": page["revision"], "value": "consent"})
            _request(narrator, what, token, address + href, post=answer)


def _request(narrator: Narrator, what: str, token: str, url: str, *, post: str | None = None) -> None:
    """A request for people to copy, and what it is for; ``post`` is the body of one that changes something."""
    narrator.gap()
    narrator.paragraph(what)
    narrator.verbatim(f'curl -s -H "Authorization: Bearer {token}" \\')
    if post:
        narrator.verbatim(f"     -H 'Content-Type: application/json' -d '{post}' \\")
    method = "" if post is None else "-X POST "
    narrator.verbatim(f"     {method}{url} | python3 -m json.tool --no-ensure-ascii")


async def _log(company: Company, guide: str) -> str:
    """Read over HTTP page by page, then recomputed from what is stored; both must count the same."""
    await company.stage.sequence()
    slug = company.plan.organisation.slug
    shown, after = 0, ""
    while True:
        page = await company.voices.get(guide, f"/v1/organisations/{slug}/log/events?limit=200{after}")
        shown += len(page["items"])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    organisation = await company.voices.get(guide, "/v1/organisation")
    async with company.stage.database.read() as session:
        report = await verify_streams(session, UUID(organisation["id"]))
    if report.broken is not None:
        raise Trouble("log_broken", fault=report.broken.code, where=report.broken.stream or report.broken.idx)
    if report.events != shown:
        raise Trouble("other_figures", expected=report.events, found=shown)
    figures = {"events": report.events, "streams": report.streams, "disclosures": report.disclosures}
    return company.narrator.wording.say("check.log", **figures)


async def _circles(company: Company, asks: str) -> AsyncIterator[tuple[int, str, Sequence[str]]]:
    voices, say = company.voices, company.narrator.wording.say
    depths: dict[str | None, int] = {None: -1}
    for circle in await voices.all(asks, "/v1/circles"):
        depths[circle["id"]] = depths[circle["parent_id"]] + 1
        path = f"/v1/circles/{circle['id']}"
        people = {one["member"]["id"] for one in await voices.all(asks, f"{path}/memberships")}
        domains = ", ".join(one["name"] for one in await voices.all(asks, f"{path}/domains"))
        roles = await voices.all(asks, f"{path}/roles")
        facilitator = next(role["mandates"][0]["member"]["name"] for role in roles if role["kind"] == "facilitator")
        yield (
            depths[circle["id"]],
            say("cooperative.circle", name=circle["name"], people=len(people)),
            [circle["aim"], say("cooperative.about", domains=domains, facilitator=facilitator)],
        )
