"""What every decision rule must keep, as a test suite that a rule's author runs in three lines.

``from app.rules.conformance import Conformance``, ``class TestMine(Conformance):``, ``rule = Mine``: pytest collects
the rest. ``variants`` adds options under which everything is checked again; ``beside`` names the rules that these
options put within it; ``on_ballot`` are options to choose from, for a rule that needs them. Hypothesis is needed to run
the suite, and only then.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from app.rules import texts
from app.rules.canonical import canonical_bytes, case_from_json, to_json
from app.rules.case import Held, Outcome, Phase, Step
from app.rules.catalogue import Catalogue
from app.rules.claims import CLAIMS, must
from app.rules.contract import DecisionRule
from app.rules.driver import Process
from app.rules.electorate import Electorate, Voter
from app.rules.offered import offered, untold
from app.rules.texts import LANGUAGES
from app.rules.variations import (
    intruded,
    keeps_sealed,
    read_back,
    renamed,
    renamed_bytes,
    renaming,
    said_otherwise,
)
from app.rules.vectors import steps
from app.rules.wander import Pick, value_on, wander

AUTHOR: Final = "p1"
SHORT: Final = 40
"""How many examples Hypothesis tries in a short search; a profile that tries more tells as many more stories."""
PHASES: Final = 3
"""In so many phases of a story it is asked whether its end is foregone."""
CARRIED: Final = ("adopted", "elected")

Check = Callable[[Process, Pick], None]


class Conformance:
    """The suite. ``runs`` is how many random stories each search tells in a short search."""

    rule: ClassVar[type[DecisionRule]]
    beside: ClassVar[tuple[type[DecisionRule], ...]] = ()
    variants: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    runs: ClassVar[int] = 25
    on_ballot: ClassVar[tuple[str, ...]] = ("apple", "fig", "pear", "plum")

    def test_it_always_ends_and_every_prefix_gives_the_same_step(self) -> None:
        """Every story ends; told again from what was recorded it gives the same bytes, however often."""

        def check(process: Process, pick: Pick) -> None:
            outcome = wander(process, pick)
            again = case_from_json(to_json(process.case))
            must(again == process.case, "the case read back differs from the one that was written")
            recorded: list[Step] = [*(held.phase for held in process.case.held), outcome]
            for (prefix, step), was in zip(steps(process.rule, again), recorded, strict=True):
                said = canonical_bytes(step)
                must(said == canonical_bytes(was), f"replayed, {was} became {step}")
                must(said == canonical_bytes(process.rule.after(prefix)), f"asked twice, the rule changed {step}")
                must(read_back(step) == step, f"read back, {step} differs")

        self.search(check)

    def test_every_step_says_why_in_both_languages(self) -> None:
        """Each phase but the first and each outcome carries reasons, and each reason is a sentence."""
        catalogue = self.catalogue()

        def check(process: Process, pick: Pick) -> None:
            outcome = wander(process, pick)
            stated = [*(held.phase.reasons for held in process.case.held[1:]), outcome.reasons]
            must(all(stated), f"a step has no reason: {stated}")
            for reason in (reason for reasons in stated for reason in reasons):
                for language in LANGUAGES:
                    pinned = process.rule.options.model_dump(mode="json")
                    sentence = catalogue.sentence(self.rule.slug, self.rule.version, reason, language, pinned)
                    must(bool(sentence.strip()), f"{reason} says nothing in {language}")
            for language in LANGUAGES:
                pinned = process.rule.options.model_dump(mode="json")
                words = catalogue.texts(self.rule.slug, self.rule.version, language, pinned)
                for name, rows in outcome.tables.items():
                    must(_found(words, ("tables", name, "title")), f"no title for table {name} in {language}")
                    for content in (content for row in rows for content in row):
                        texts.cell(words, content, {one: one for one in (*self.on_ballot, *_added(process))})

        self.search(check)

    def test_every_option_is_told_in_both_languages(self) -> None:
        """Each option has a title and a help, and so has each part of one; each value has a title."""
        catalogue = self.catalogue()
        for language in LANGUAGES:
            words = catalogue.texts(self.rule.slug, self.rule.version, language)
            missing = next(untold(offered(self.rule, words)), None)
            must(missing is None, f"no text for {missing} in {language}")

    def test_what_people_see_has_words_in_both_languages(self) -> None:
        """Phases and matters as they occur, and every form with the values that a floor allows; people have names."""
        catalogue = self.catalogue()

        def check(process: Process, pick: Pick) -> None:
            wander(process, pick)
            pinned = process.rule.options.model_dump(mode="json")
            both = [catalogue.texts(self.rule.slug, self.rule.version, one, pinned) for one in LANGUAGES]
            floors = [(held.phase, floor) for held in process.case.held for floor in held.phase.floors]
            seen: list[tuple[str, ...]] = [("phases", phase.kind, "title") for phase, _ in floors]
            seen += [("forms", floor.form, "title") for _, floor in floors]
            seen += [
                ("forms", floor.form, "values", value)
                for _, floor in floors
                for value in (floor.among if floor.paper is None else floor.paper.alone)
                if value not in (*self.on_ballot, *_added(process)) and value not in process.electorate.ids
            ]
            seen += [("matters", one.kind, "statuses", one.status) for one in process.rule.matters(process.case)]
            for path in seen:
                must(all(_found(words, path) for words in both), f"no text for {'.'.join(path)}")

        self.search(check)

    def test_names_and_order_do_not_matter(self) -> None:
        """Other names in another order tell the same story, until lots are drawn."""

        def check(process: Process, pick: Pick) -> None:
            wander(process, pick)
            names = renaming(process.electorate)
            for prefix, step in steps(process.rule, process.case):
                if any(floor.who.name == "lots" for held in prefix.held for floor in held.phase.floors):
                    break
                other = process.rule.after(renamed(prefix, names))
                must(canonical_bytes(other) == renamed_bytes(step, names), f"under other names {step} became {other}")

        self.search(check)

    def test_silence_never_passes(self) -> None:
        """When nobody says anything, or nobody or the author alone is there to decide, nothing is adopted."""
        for options in self.variants:
            for names in ((), (AUTHOR,), ("p2",), (AUTHOR, "p2", "p3", "p4")):
                outcome = self.process(options, names).run_out()
                must(outcome.verdict not in CARRIED, f"{len(names)} electors, all silent: {outcome}")

    def test_an_author_alone_never_passes(self) -> None:
        """Whatever the author says, nothing is adopted while nobody else answers."""

        def check(process: Process, pick: Pick) -> None:
            outcome = wander(replace(process, forums={}), pick, speakers=frozenset({AUTHOR}))
            must(outcome.verdict not in CARRIED, f"the author alone: {outcome}")

        self.search(check)

    def test_an_outsider_never_counts(self) -> None:
        """A word of somebody outside the electorate, even if it were let in, changes no step."""

        def check(process: Process, pick: Pick) -> None:
            wander(process, pick)
            for prefix, step in steps(process.rule, process.case):
                for other in intruded(prefix):
                    swayed = process.rule.after(other)
                    must(canonical_bytes(swayed) == canonical_bytes(step), f"an outsider turned {step} into {swayed}")

        self.search(check)

    def test_what_is_sealed_stays_sealed(self) -> None:
        """A phase that keeps a round sealed is the same whatever was said in it: only the turnout leads to it."""

        def check(process: Process, pick: Pick) -> None:
            wander(process, pick)
            for prefix, step in steps(process.rule, process.case):
                for other in said_otherwise(prefix) if keeps_sealed(step) else ():
                    led_to = process.rule.after(other)
                    must(led_to == step or not keeps_sealed(led_to), f"told before its time: {step}, not {led_to}")

        self.search(check)

    def test_foregone_is_foregone(self) -> None:
        """Once a ballot may close early, every completion of it ends as it would end now."""
        offers = "early_close" in self.rule.Options.model_fields
        must(not offers or self.rule.foregone is not DecisionRule.foregone, "it offers to close early, and never does")

        def check(process: Process, pick: Pick) -> None:
            promised = set[str]()
            for _ in range(PHASES):
                promised |= _promises(process, pick)
            outcome = process.run_out()
            must(promised <= {outcome.verdict}, f"promised {sorted(promised)}, ended as {outcome.verdict}")

        self.search(check)

    def test_its_claims_hold(self) -> None:
        """Each property that the rule claims is searched for a counter-example."""
        for claim in sorted(self.rule.claims):
            must(claim in CLAIMS, f"nobody knows how to check the claim {claim}")
            self.search(CLAIMS[claim])

    def test_its_reference_vectors_hold(self) -> None:
        """The rule means what its vectors say, and brings its words; the catalogue refuses it otherwise."""
        self.catalogue()

    def catalogue(self) -> Catalogue:
        """The rule and those beside it, checked."""
        return Catalogue([self.rule, *self.beside])

    def process(
        self, options: Mapping[str, Any], names: tuple[str, ...], forums: Mapping[str, str] | None = None
    ) -> Process:
        """A process of this rule at its beginning. The author is the first, the officers are the next two."""
        bound = self._catalogue.bind(self.rule.slug, self.rule.version, options)
        voters = Electorate(tuple(Voter(name) for name in names))
        offices = {"facilitator": names[1:3], "chair": names[1:3]}
        return Process(bound, voters, AUTHOR, offices=offices, forums=forums or {}, on_ballot=self.on_ballot)

    @functools.cached_property
    def _catalogue(self) -> Catalogue:
        return self.catalogue()

    def search(self, check: Check) -> None:
        """Lets Hypothesis look for a story that breaks ``check``, and tell the shortest one that it finds."""
        from hypothesis import HealthCheck, given, settings
        from hypothesis import strategies as st

        heard: tuple[dict[str, str], ...] = (
            {},
            {"lots": "seed"},
            {"lots": "seed", "broader_circle": "sent_back"},
            {"broader_circle": "adopted"},
        )

        runs = self.runs * max(1, settings().max_examples // SHORT)

        @settings(max_examples=runs, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(
            st.randoms(use_true_random=False),
            st.integers(min_value=1, max_value=6),
            st.sampled_from(self.variants),
            st.sampled_from(heard),
        )
        def run(chance: Any, size: int, options: Mapping[str, Any], forums: Mapping[str, str]) -> None:
            names = tuple(f"p{number}" for number in range(1, size + 1))
            check(self.process(options, names, forums), chance.randrange)

        run()


def _added(process: Process) -> tuple[str, ...]:
    """Options that were put on the ballot while they were collected: each is named by the word that brought it."""
    return tuple(word.ref for held in process.case.held for word in held.words if word.form == "option")


def _found(words: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        words = words.get(name, {})
    return bool(words)


def _promises(process: Process, pick: Pick) -> set[str]:
    """The verdicts that are foregone at some time of a phase in which everybody may say something once."""
    phase, promised = len(process.case.held), set[str]()
    for person, floor, subject in process.open_floors():
        if process.rule.foregone(process.case):
            promised.add(_closed_now(process))
        if floor.among and pick(4):
            process.say(person, floor.form, value_on(process, floor, pick), subject)
        if process.is_over or len(process.case.held) > phase:
            return promised
    if not process.is_over:
        process.deadline()
    return promised


def _closed_now(process: Process) -> str:
    """The verdict if the ballot closed now, also where the decision then waits for a while."""
    case, held = process.case, replace(process.now, ended="deadline")
    case = replace(case, held=(*case.held[:-1], held))
    step = process.rule.after(case)
    while isinstance(step, Phase) and not step.floors:
        case = replace(case, held=(*case.held, Held(step, held.latest, held.electorate, ended="deadline")))
        step = process.rule.after(case)
    must(isinstance(step, Outcome), f"foregone, but followed by {step}")
    return getattr(step, "verdict", "")
