"""Where random stories of a decision by consent are told: one service for all of them, and how circles may choose."""

import asyncio
import itertools
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

from app.circles.actions import WantedRule, set_rule
from tests.api.world import START, World, as_actor, opened

Result = TypeVar("Result")
OUTSIDER = "Salomé"
VALUES = (
    *("consent", "consent_with_concern", "objection", "stand_aside", "valid", "dispute", "editorial", "substantive"),
    *("question", "pass", "answered", "declined", "reaction", "keep", "amend", "withdrawn", "abandoned", "adopted"),
    *("resume", "appealed"),
)
DEFAULTS = {
    "question": ("question", "pass"),
    "answer": ("answered", "declined"),
    "reaction": ("reaction", "pass"),
    "keep": ("keep",),
    "settlement": ("amend",),
    "objection_withdrawal": ("withdrawn",),
    "abandonment": ("abandoned",),
    "abandonment_appeal": ("appealed",),
    "adoption": ("adopted",),
    "contest": ("substantive",),
    "resume": ("resume",),
}
OPTIONS = st.fixed_dictionaries(
    {
        "begins_with": st.sampled_from(["clarifying", "objecting", "objecting"]),
        "silence_policy": st.sampled_from(
            ["silence_is_absent", "silence_is_consent", "explicit_required", "silence_escalates"]
        ),
        "min_participation": st.sampled_from(["0", "1/2", "2/3", "1"]),
        "tolerance": st.sampled_from([0, 0, 1, "1/3"]),
        "stand_aside": st.booleans(),
        "judge": st.sampled_from(["none", "facilitator_logic", "group", "panel"]),
        "panel_size": st.integers(1, 3),
        "max_rounds": st.integers(1, 3),
        "skip_confirm": st.booleans(),
        "on_low_participation": st.sampled_from(["escalate", "lapse", "adopt_if_no_objection"]),
        "on_deadlock": st.permutations(["escalate", "defer", "trial"]).flatmap(
            lambda rungs: st.integers(0, 3).map(lambda most: list(rungs[:most]))
        ),
    }
).filter(
    lambda one: (
        one["on_low_participation"] != "adopt_if_no_objection"
        or one["silence_policy"] in ("silence_is_absent", "silence_is_consent")
    )
)


class Stage:
    """One service for all stories: each gets a circle of its own, people who left are replaced, time starts over."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._circles = itertools.count()
        self._names = (f"Ami{n}" for n in itertools.count())
        self._issued: dict[str, datetime] = {}
        self._standing: dict[tuple[str, ...], str] = {}
        self.people: list[str] = []

    def __enter__(self) -> "Stage":
        shm = Path("/dev/shm")  # noqa: S108 - memory, where there is some: a flush to disk would only cost time here
        self._folder = tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None)
        self.world: World = self.run(self._stack.enter_async_context(opened("sqlite", Path(self._folder.name))))
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stack.aclose())
        self.loop.close()
        self._folder.cleanup()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    def circle(self, size: int, options: dict[str, Any]) -> tuple[str, list[str]]:
        """A circle of ``size`` people that decides as asked; returns its slug and their names.

        The last circle of these very people serves again, under another rule: only the rule is new then.
        """
        self.world.clock._now = START
        while len(self.people) < size:
            self.people.append(next(self._names))
        people = tuple(self.people[:size])
        slug = self._standing.get(people)
        if slug is None:
            slug = self._standing[people] = f"cercle-{next(self._circles)}"
            self.run(self.world.circle(slug, list(people), options=options))
        else:
            self.run(self._decide_by(slug, options))
        return slug, list(people)

    async def _decide_by(self, slug: str, options: dict[str, Any]) -> None:
        wanted = WantedRule("consent", None, options)
        circle, rules = self.world.circles[slug], self.world.app.state.catalogue
        who, now = as_actor(self.world.steward), self.world.clock.now()
        async with self.world.database.write() as session:
            await set_rule(session, circle, wanted, catalogue=rules, actor=who, now=now)

    def leave(self, who: str) -> None:
        """``who`` leaves the cooperative, and is replaced before the next story."""
        member = self.world.members[who].id
        answer = self.call(OUTSIDER, "POST", f"/v1/members/{member}/departure", {})
        assert answer.is_success, answer.text
        self.people.remove(who)

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """One request; a session that has run out is opened anew."""
        now = self.world.clock.now()
        if now - self._issued.setdefault(who, START) > timedelta(days=25):
            self.world.secrets[who] = self.run(self.world._secret(self.world.members[who]))
            self._issued[who] = now
        return self.run(self.world.call(who, method, path, body))


def filled(form: str, value: str, about: str | None, revision: int, text: str) -> dict[str, Any]:
    """A form filled in, with a text wherever one may stand."""
    body: dict[str, Any] = {"value": value, "revision": revision}
    if about is not None:
        body["about"] = about
    if form == "amendment":
        body["body"] = text
    elif form not in ("keep", "resume"):
        body["text"] = text
    if form == "position" and value == "objection":
        body["harms"] = "aim"
    return body
