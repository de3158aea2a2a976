"""Random circles decide by consent over HTTP, step by step beside a model that plays the same game on a table."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.proposals.deliberation.cases import load
from app.proposals.replay import replay
from app.rules.canonical import canonical_bytes
from tests.api.consent_model import Model
from tests.api.consent_table import FORMS
from tests.api.exports import recorded
from tests.api.stage import DEFAULTS, OPTIONS, OUTSIDER, VALUES, Stage, filled

LONGEST = 60  # phases: three rounds with their tests, an extension each, the ladder and what it sends back
_stage: list[Stage] = []


class ConsentOverHttp(RuleBasedStateMachine):
    """The service and the model side by side; whatever is said to one is said to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = _stage[-1]
        self.model: Model | None = None
        self.amendments = 0
        self.consents: list[tuple[str, int]] = []
        self.texts = itertools.count()

    @initialize(options=OPTIONS, size=st.integers(3, 6))
    def admit(self, options: dict[str, Any], size: int) -> None:
        slug, people = self.stage.circle(size, options)
        self.path = self.stage.run(self.stage.world.admitted(people[0], slug, people[1]))
        self.forms = self.stage.world.app.state.catalogue.forms()
        self.plurals = {form.plural: name for name, form in self.forms.items()}
        voices = {name: str(self.stage.world.members[name].pseudonym) for name in people}
        now = self.stage.world.clock.now()
        self.model = Model(people, people[0], people[1:3], options, now, voices, self._seed)
        self.watcher = people[-1]

    @rule(data=st.data())
    @precondition(lambda self: self.game.state == "deciding")
    def says_something_open(self, data: st.DataObject) -> None:
        offered = [(who, form) for who in self.game.people for form in sorted(self.game.offers(who))]
        if offered:
            who, form = data.draw(st.sampled_from(offered))
            self._say(who, form, data)

    @rule(data=st.data())
    @precondition(lambda self: bool(self.game.due()))
    def everybody_awaited_answers(self, data: st.DataObject) -> None:
        phase = self.game.count
        while self.game.count == phase and (due := self.game.due()):
            who, form = due[0]
            self._say(who, form, data)

    @rule(data=st.data())
    def says_anything(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from([OUTSIDER, *(one for one in self.game.people if one not in self.game.gone)]))
        form, value = data.draw(st.sampled_from(FORMS)), data.draw(st.sampled_from(VALUES))
        off = data.draw(st.sampled_from([0, 0, 0, -1, 1]))
        revision = max(1, self.game.revision + off)
        values = self.game.offers(who).get(form)
        fits = values is not None and value in (values or DEFAULTS[form])
        about = data.draw(st.sampled_from(self.game.named(who, form))) if fits else None
        answer = self._post(who, form, value, about, revision)
        if fits and revision == self.game.revision:
            assert answer.status_code == 201, (who, form, value, answer.text)
            self._heard(who, form, value, answer.json())
        elif fits:
            assert answer.status_code == 412, (who, form, value, answer.text)
        else:
            assert answer.status_code in (403, 409, 412, 422), (who, form, value, answer.text)

    @rule(hours=st.integers(1, 20))
    @precondition(lambda self: self.game.state == "deciding")
    def some_hours_pass(self, hours: int) -> None:
        assert self.game.closes_at is not None
        until = self.game.now + timedelta(hours=hours)
        if until < self.game.closes_at:
            self._move_to(until)

    @rule(data=st.data())
    @precondition(lambda self: self.game.kind == "objecting" and bool(self.game.due()))
    def one_objects_and_all_others_consent(self, data: st.DataObject) -> None:
        objector = data.draw(st.sampled_from([who for who, _ in self.game.due()]))
        phase = self.game.count
        while self.game.count == phase and (due := self.game.due()):
            who, form = due[0]
            self._say(who, form, data, "objection" if who == objector else "consent")

    @rule(dice=st.integers(0, 1))
    @precondition(lambda self: self.game.state == "deciding")
    def the_deadline_comes(self, dice: int) -> None:
        if dice:
            return
        assert self.game.closes_at is not None
        self._move_to(self.game.closes_at - timedelta(seconds=1))
        self.both_agree()
        self._deadline()

    @rule(data=st.data(), dice=st.integers(0, 2))
    @precondition(lambda self: len(self.game.gone) < len(self.game.people) - 1)
    def somebody_leaves(self, data: st.DataObject, dice: int) -> None:
        there = [one for one in self.game.people if one not in self.game.gone and one != self.watcher]
        if not dice and there:
            self._leave(data.draw(st.sampled_from(there)))

    @rule(dice=st.integers(0, 2))
    @precondition(lambda self: self.game.state == "deciding" and self.game.kind in ("testing", "integrating"))
    def whoever_objects_leaves(self, dice: int) -> None:
        if dice == 0 and self.game.about.holder != self.watcher:
            self._leave(self.game.about.holder)

    @rule(dice=st.integers(0, 9))
    @precondition(lambda self: self.game.proposer not in self.game.gone)
    def the_proposer_withdraws(self, dice: int) -> None:
        if dice:
            return
        answer = self.stage.call(self.game.proposer, "POST", f"{self.path}/withdrawal", {})
        if self.game.state == "deciding":
            assert answer.is_success, answer.text
            self.game.withdraw()
        else:
            assert answer.status_code == 409

    @invariant()
    def both_agree(self) -> None:
        if self.model is None:
            return
        game = self.game
        there = [one for one in game.people if one not in game.gone]
        who = there[game.count % len(there)] if there else OUTSIDER
        page = self._page(who)
        assert (page["state"], page["revision"]) == (game.state, game.revision)
        open_ = {step["href"].rpartition("/")[2]: step for step in page["available_steps"]}
        may_withdraw = open_.pop("withdrawal", None) is not None
        assert may_withdraw == (who == game.proposer and game.state == "deciding")
        said = {self.plurals[plural]: tuple(step["values"]) for plural, step in open_.items()}
        offers = {name: among or self.forms[name].values() for name, among in game.offers(who).items()}
        assert said == offers, who
        for plural, step in open_.items():
            due = (who, self.plurals[plural]) in game.due()
            assert step["due"] == due, (who, step)
        if game.state in ("deciding", "awaiting_sponsor"):
            phase = page["phase"]
            assert (phase["number"], phase["kind"]) == (game.count, game.kind)
            assert datetime.fromisoformat(phase["closes_at"]) == game.closes_at
        if game.state == "deciding":
            assert page["phase"]["awaited"] == len(game.due())

    @invariant()
    def nothing_is_adopted_without_somebody_elses_consent(self) -> None:
        if self.model is not None and self.game.state == "adopted":
            assert any(who != self.game.proposer and at == self.game.revision for who, at in self.consents)

    def teardown(self) -> None:
        if self.model is None:
            return
        while not self.game.is_over:
            assert self.game.count < LONGEST, "it never ends"
            if self.game.state == "awaiting_sponsor":
                self._move_to(self.stage.world.clock.now() + timedelta(days=15))
                self.game.sponsorless()
            else:
                self._deadline()
            self.both_agree()
        self.nothing_is_adopted_without_somebody_elses_consent()
        self._nothing_changes_after_the_end()
        self._replays()

    def _nothing_changes_after_the_end(self) -> None:
        before = self._page(self.watcher)
        for who, form, value in ((self.watcher, "position", "consent"), (OUTSIDER, "question", "question")):
            assert self._post(who, form, value, None, self.game.revision).status_code in (403, 409)
        self._move_to(self.stage.world.clock.now() + timedelta(days=40))
        assert self._page(self.watcher) == before

    def _replays(self) -> None:
        world = self.stage.world
        events = self.stage.run(recorded(world, self.path.rpartition("/")[2]))
        found = replay(events, world.app.state.catalogue)
        ended_by_rule = self.game.state in ("adopted", "not_adopted") or found.end == "decision.computed"
        assert (found.outcome is not None) == ended_by_rule
        assert len(found.case.held) == self.game.count

        async def stored() -> bytes:
            async with world.database.read() as session:
                running = await load(session, world.steward.organisation_id, found.process)
            return canonical_bytes(running.case)

        assert canonical_bytes(found.case) == self.stage.run(stored())

    @property
    def game(self) -> Model:
        assert self.model is not None
        return self.model

    def _deadline(self) -> None:
        assert self.game.closes_at is not None
        self._move_to(self.game.closes_at)
        self.game.deadline()

    def _leave(self, who: str) -> None:
        self.stage.leave(who)
        self.game.leave(who)

    def _say(self, who: str, form: str, data: st.DataObject, value: str | None = None) -> None:
        values = self.game.offers(who)[form] or DEFAULTS[form]
        value = value or data.draw(st.sampled_from(values))
        about = data.draw(st.sampled_from(self.game.named(who, form)))
        answer = self._post(who, form, value, about, self.game.revision)
        assert answer.status_code == 201, (who, form, value, answer.text)
        self._heard(who, form, value, answer.json())

    def _heard(self, who: str, form: str, value: str, receipt: dict[str, Any]) -> None:
        if form == "position" and value.startswith("consent"):
            self.consents.append((who, receipt["revision"]))
        self.game.say(who, form, value, receipt["ref"], receipt["about"])

    def _post(self, who: str, form: str, value: str, about: str | None, revision: int) -> Any:
        body = filled(form, value, about, revision, f"Because {next(self.texts)}.")
        plural = next(plural for plural, name in self.plurals.items() if name == form)
        return self.stage.call(who, "POST", f"{self.path}/{plural}", body)

    def _page(self, who: str) -> dict[str, Any]:
        answer = self.stage.call(who, "GET", self.path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _move_to(self, instant: datetime) -> None:
        world = self.stage.world
        world.clock.move_to(instant)
        self.stage.run(world.worker.do_due())
        self.game.now = world.clock.now()

    def _seed(self, ref: str) -> str:
        words = self.stage.call(OUTSIDER, "GET", f"{self.path}/words?form=seed").json()["items"]
        return str(next(word["value"] for word in words if word["about"] == ref))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as made:
        _stage.append(made)
        yield made
        _stage.pop()


def _search(examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a failure is told in full; looking for a shorter one would take long
    )
    run_state_machine_as_test(ConsentOverHttp, settings=chosen)


def test_the_service_and_the_model_agree(stage: Stage) -> None:
    _search(15, 12)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(4))
def test_the_service_and_the_model_agree_for_long(batch: int) -> None:
    """Two searches side by side, each in a process and on a service of its own: two thousand stories in all."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        for search in [processes.submit(_long_search) for _ in range(2)]:
            search.result()


def _long_search() -> None:
    with Stage() as made:
        _stage.append(made)
        _search(250, 10)
