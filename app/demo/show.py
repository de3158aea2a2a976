"""The whole demonstration: builds the cooperative, plays its stories, and leaves the service running."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr

from app.demo import reporting
from app.demo.folder import Folder, Standing
from app.demo.founding import Founding, Ground, found_cooperative
from app.demo.narrator import Narrator
from app.demo.playing import Company, Play
from app.demo.script import Cooperative, Script, Story
from app.demo.stage import HOST, Stage, listen, raised
from app.demo.voices import Voices
from app.foundation import migrations
from app.foundation.clock import ReleasableClock, SystemClock
from app.foundation.deadlines import after, local_date
from app.settings import Settings

_LOOK_EVERY: Final = 0.2


class Stopped(Exception):
    """Whoever started the demonstration stopped it before its end."""


@dataclass(frozen=True)
class Wish:
    """What was asked for: the first port to try, whether to end after the stories, whether to tell them anew, and how
    many seconds lie between two beats. ``command`` is how this program was called."""

    port: int
    ends: bool
    fresh: bool
    pace: float
    command: str


class Show:
    """One run of the demonstration in its folder."""

    def __init__(self, wish: Wish, folder: Folder, narrator: Narrator, plan: Cooperative, script: Script) -> None:
        self._wish = wish
        self._folder = folder
        self._narrator = narrator
        self._plan = plan
        self._script = script
        self.is_over = False

    async def run(self) -> None:
        """Play, and serve until stopped unless the wish was to end. Raises Trouble, Stopped."""
        with self._folder.held():
            _log_to(self._folder)
            standing = self._folder.standing
            is_told = standing is not None and standing.is_told and not self._wish.fresh
            was_cut_short = not is_told and self._folder.clear() and not self._wish.fresh
            listening, port = listen(self._wish.port)
            settings = self._settings(f"http://{HOST}:{port}")
            await migrations.prepare(settings.database)
            clock = ReleasableClock(self._first_hour())
            async with raised(settings, clock, listening, self._folder.log) as stage:
                self._greet(stage, port, is_told=is_told, was_cut_short=was_cut_short)
                try:
                    await self._perform(stage, standing if is_told else None)
                except httpx.TransportError as error:
                    raise Stopped if stage.is_stopping else error from None
                await self._stay(stage)

    def _settings(self, address: str) -> Settings:
        """Those of the environment, but never its database nor its mail server: nobody here has a real address."""
        return Settings(
            data_dir=self._folder.path,
            database_url=self._folder.database_url,
            public_url=address,
            language=self._narrator.wording.language,
            embedded_worker=True,
            mail_url=SecretStr(""),
        )

    def _first_hour(self) -> datetime:
        first = self._morning(self._script.starts_before)
        return first - timedelta(days=first.weekday())

    def _morning(self, before: str) -> datetime:
        """The opening hour of the day that lies that long before today."""
        zone = self._plan.organisation.time_zone
        day = after(local_date(SystemClock().now(), zone), f"-{before}")
        return datetime.combine(day, self._script.opens, ZoneInfo(zone))

    def _greet(self, stage: Stage, port: int, *, is_told: bool, was_cut_short: bool) -> None:
        narrator, say = self._narrator, self._narrator.wording.say
        narrator.title(say("opening.title"))
        narrator.gap()
        if is_told:
            narrator.paragraph(say("opening.told_before", folder=self._folder.path))
            narrator.verbatim(f"  {self._wish.command} demo --fresh")
        else:
            narrator.paragraph(say("opening.how", address=stage.address))
        if was_cut_short:
            narrator.gap()
            narrator.paragraph(say("opening.unfinished"))
        if port != self._wish.port:
            narrator.gap()
            narrator.paragraph(say("opening.port_taken", wanted=self._wish.port, port=port))

    async def _perform(self, stage: Stage, standing: Standing | None) -> None:
        language = self._narrator.wording.language
        voices = Voices(stage, self._plan.organisation.slug, self._plan.everybody, language)
        company = Company(stage, voices, self._narrator, self._plan, Ground())
        try:
            if standing is None:
                standing = await self._play(company)
            else:
                stage.clock.release()
                standing = standing.model_copy(update={"address": stage.address})
            self._folder.note(standing)
            await self._check(company, standing)
        finally:
            await voices.close()

    async def _play(self, company: Company) -> Standing:
        stage, narrator = company.stage, company.narrator
        language = narrator.wording.language
        standing = Standing(address=stage.address, language=language)
        self._folder.note(standing)
        await found_cooperative(stage, self._plan, language)
        ground = await Founding(company.voices, self._plan, language).lay_down()
        requests = company.voices.requests
        company = Company(stage, company.voices, narrator, self._plan, ground)
        await reporting.cooperative(company, requests)
        proposals: dict[str, str] = {}
        for number, story in enumerate(self._script.story, start=1):
            above = narrator.wording.say("story.number", number=number, of=len(self._script.story))
            path = await self._tell(company, story, above)
            title = await reporting.outcome(company, path, story.proposer)
            self._close(story)
            proposals[title] = path
        for turn in self._script.turn:
            await stage.move_to(max(self._morning(turn.starts_before), stage.clock.now()))
            await self._tell(company, turn, narrator.wording.say("story.now"))
            self._close(turn)
        return standing.model_copy(update={"is_told": True, "proposals": proposals})

    async def _tell(self, company: Company, story: Story, above: str) -> str:
        """Play the story beat by beat; returns the address of its proposal."""
        narrator, language = self._narrator, self._narrator.wording.language
        narrator.title(story.title.said(language), above)
        narrator.gap()
        narrator.paragraph(story.intro.said(language))
        play = Play(company, story)
        for beat in story.beat:
            await play.beat(beat)
            await asyncio.sleep(self._wish.pace)
        return play.path

    def _close(self, story: Story) -> None:
        self._narrator.gap()
        self._narrator.paragraph(story.closing.said(self._narrator.wording.language), style="italic")

    async def _check(self, company: Company, standing: Standing) -> None:
        first = self._script.story[0]
        other = self._plan.everybody[self._plan.circle_of(first.circle).facilitator]
        link = f"{self._wish.command} demo link {other.called}"
        await reporting.check(company, standing.proposals, first.proposer, link)
        await reporting.your_turn(company, first.proposer)

    async def _stay(self, stage: Stage) -> None:
        stage.clock.release()
        self.is_over = True
        narrator, say = self._narrator, self._narrator.wording.say
        narrator.gap()
        if self._wish.ends:
            narrator.paragraph(say("check.again"))
            narrator.verbatim(f"  {self._wish.command} demo")
            return
        narrator.paragraph(say("check.running", address=stage.address), style="bold")
        while not stage.is_stopping:
            await asyncio.sleep(_LOOK_EVERY)


def _log_to(folder: Folder) -> None:
    """What the service has to say goes to a file: the terminal belongs to the story."""
    logging.basicConfig(
        filename=folder.log, level=logging.WARNING, force=True, format="%(asctime)s %(name)s %(message)s"
    )
