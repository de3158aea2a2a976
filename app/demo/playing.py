"""Plays a story beat by beat: each act is a request of the person who does it, and each answer is compared with what
the story expects before the next one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.demo.founding import Ground
from app.demo.narrator import Moment, Narrator, sentences
from app.demo.script import Beat, Cooperative, Story
from app.demo.stage import Stage
from app.demo.voices import Answer, Voices
from app.demo.wording import Trouble
from app.foundation.deadlines import after, local_date

DECIDING: Final = "deciding"


@dataclass(frozen=True)
class Company:
    """Everything that a story is played with."""

    stage: Stage
    voices: Voices
    narrator: Narrator
    plan: Cooperative
    ground: Ground

    @property
    def zone(self) -> str:
        """The cooperative's time zone."""
        return self.plan.organisation.time_zone


@dataclass
class Act:
    """What came of one beat: the requests, and what its people said or wrote."""

    answers: list[Answer] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


class Play:
    """One story while it is played. ``path`` is the proposal's address once it exists."""

    def __init__(self, company: Company, story: Story) -> None:
        self.path = ""
        self._company = company
        self._story = story
        self._language = company.narrator.wording.language
        self._expected: str | None = None
        self._phase = 0
        self._named: dict[str, str] = {}
        self._steps: Mapping[str, Callable[[Beat], Awaitable[Act]]] = {
            "create_tension": self._create_tension,
            "propose": self._propose,
            "submit": self._take_step,
            "admit": self._take_step,
            "withdraw": self._take_step,
            "depart": self._depart,
            "wait": self._wait,
        }

    async def beat(self, beat: Beat) -> None:
        """Let the beat happen at its hour, compare the answers, and tell it. Raises Trouble when they differ."""
        await self._come(beat)
        act = await (self._steps[beat.step](beat) if beat.step else self._speak(beat))
        page = await self._compared(beat)
        self._tell(beat, act, page)

    async def page(self) -> Any:
        """The proposal as its proposer sees it."""
        return await self._company.voices.get(self._story.proposer, self.path)

    async def _come(self, beat: Beat) -> None:
        now = self._company.stage.clock.now()
        if beat.at is None:
            closes_at = datetime.fromisoformat((await self.page())["phase"]["closes_at"])
            await self._company.stage.move_to(closes_at)
            return
        there = now.astimezone(ZoneInfo(self._company.zone))
        wanted = there.replace(hour=beat.at.hour, minute=beat.at.minute, second=0, microsecond=0)
        days = beat.days if wanted > there else beat.days + 1
        await self._company.stage.move_to(wanted + timedelta(days=days))

    async def _create_tension(self, beat: Beat) -> Act:
        parts = {name: getattr(beat, name) for name in ("driver", "example", "requirement")}
        body = {name: words.said(self._language) for name, words in parts.items() if words is not None}
        answer = await self._company.voices.call(beat.who[0], "POST", "/v1/tensions", body)
        self._named["tension"] = answer.body["id"]
        say = self._company.narrator.wording.say
        written = [say("story.labelled", label=say(f"story.{name}"), text=text) for name, text in body.items()]
        return Act([answer], ["\n".join(written)])

    async def _propose(self, beat: Beat) -> Act:
        today = local_date(self._company.stage.clock.now(), self._company.zone)
        texts = {name: getattr(beat, name) for name in ("title", "body", "evaluation")}
        body = {
            "tension_id": self._named["tension"],
            "changes": [{"kind": "adopt_agreement", "domain_id": self._company.ground.domains[str(beat.domain)]}],
            "review_on": after(today, str(beat.review)).isoformat(),
            **{name: words.said(self._language) for name, words in texts.items() if words is not None},
        }
        answer = await self._company.voices.call(beat.who[0], "POST", "/v1/proposals", body)
        found, wanted = answer.body["circle"]["id"], self._company.ground.circles[self._story.circle]
        if found != wanted:
            raise Trouble("other_phase", expected=self._story.circle, found=answer.body["circle"]["name"])
        self.path = f"/v1/proposals/{answer.body['id']}"
        self._expected = answer.body["state"]
        return Act([answer], [f"{answer.body['title']}\n{answer.body['body']}"])

    async def _take_step(self, beat: Beat) -> Act:
        offer = await self._offered(beat.who[0], str(beat.step))
        body = {"text": beat.text.said(self._language)} if beat.text else None
        answer = await self._company.voices.call(beat.who[0], offer["method"], offer["href"], body)
        return Act([answer])

    async def _speak(self, beat: Beat) -> Act:
        act = Act()
        for who in beat.who:
            page = await self._company.voices.get(who, self.path)
            offer = await self._offered(who, str(beat.form), page)
            body = self._form(beat, page["revision"])
            answer = await self._company.voices.call(who, offer["method"], offer["href"], body)
            act.answers.append(answer)
            if beat.id:
                self._named[beat.id] = answer.body["ref"]
        if beat.body is not None:
            now = await self.page()
            act.written.append(f"{now['title']}\n{now['body']}")
        return act

    def _form(self, beat: Beat, revision: int) -> dict[str, Any]:
        texts = {name: getattr(beat, name) for name in ("text", "title", "body", "note")}
        return {
            "value": beat.value,
            "revision": revision,
            **{name: words.said(self._language) for name, words in texts.items() if words is not None},
            **({"about": self._named[beat.about]} if beat.about else {}),
            **({"harms": beat.harms, "criteria": beat.criteria} if beat.harms else {}),
        }

    async def _depart(self, beat: Beat) -> Act:
        leaver, steward = beat.who[0], self._company.plan.organisation.steward
        path = f"/v1/members/{self._company.ground.members[leaver]}/departure"
        body = {"reason": beat.text.said(self._language)} if beat.text else {}
        answer = await self._company.voices.call(steward, "POST", path, body)
        return Act([answer])

    async def _wait(self, _: Beat) -> Act:
        return Act()

    async def _offered(self, who: str, name: str, page: Any = None) -> Any:
        """The step as the API offers it to this person now. Raises Trouble when it does not."""
        page = page or await self._company.voices.get(who, self.path)
        for offer in page["available_steps"]:
            if offer["name"] == name:
                return offer
        offered = ", ".join(offer["name"] for offer in page["available_steps"])
        called = self._company.plan.everybody[who].called
        raise Trouble("not_offered", who=called, step=name, offered=offered or "-")

    async def _compared(self, beat: Beat) -> Any:
        """The proposal's page, once its state and figures are those of the story. Raises Trouble otherwise."""
        if not self.path:
            return None
        page = await self.page()
        expected = beat.then or self._expected
        found = page["phase"]["kind"] if page["state"] == DECIDING else page["state"]
        if found != expected:
            raise Trouble("other_phase", expected=expected, found=found)
        self._expected = expected
        facts: dict[str, Any] = {}
        for reason in _reasons(page):
            facts = {**reason["facts"], **facts}
        if any(facts.get(name) != figure for name, figure in beat.figures.items()):
            raise Trouble("other_figures", expected=beat.figures, found=facts)
        if beat.sealed:
            await self._check_seal(page["phase"]["number"])
        return page

    async def _check_seal(self, phase: int) -> None:
        """The proposer, who has no say in the round, reads no answer of it. Raises Trouble when they do."""
        words = await self._company.voices.all(self._story.proposer, f"{self.path}/words")
        if any(word["phase"] == phase for word in words):
            raise Trouble("seen", who=self._company.plan.everybody[self._story.proposer].called)

    def _tell(self, beat: Beat, act: Act, page: Any) -> None:
        narrator = self._company.narrator
        names = [self._company.plan.everybody[who].called for who in beat.who]
        phase = None if page is None else page["phase"]
        wording = narrator.wording
        what = self._doing(beat, len(names))
        if phase and phase["number"] == self._phase and phase["sight"] == "sealed" and phase["awaited"]:
            what += f" ({wording.say('story.awaited', number=phase['awaited'])})"
        moment = Moment(
            at=self._company.stage.clock.now(),
            who=names,
            what=what,
            tell=beat.tell.said(self._language),
            said=[beat.text.said(self._language)] if beat.text else [],
            written=act.written,
            request=_shown(act.answers[-1]) if act.answers else "",
        )
        narrator.moment(moment)
        if phase and phase["number"] != self._phase:
            self._phase = phase["number"]
            narrator.phase(phase["title"], datetime.fromisoformat(phase["closes_at"]), sentences(phase["reasons"]))

    def _doing(self, beat: Beat, people: int) -> str:
        wording = self._company.narrator.wording
        names = [beat.step] if beat.step else [f"{beat.form}_{beat.value}", beat.form]
        return next(wording.say(f"act.{name}", number=people) for name in names if wording.has(f"act.{name}"))


def _reasons(page: Any) -> list[Any]:
    holder = page["outcome"] or page["phase"]
    reasons: list[Any] = holder["reasons"] if holder else []
    return reasons


def _shown(answer: Answer) -> str:
    """A request in short: what stands before the last part of its path is left out."""
    before, _, last = answer.path.rpartition("/")
    return f"{answer.method} {'…' if before.count('/') > 1 else before}/{last} {answer.status}"
