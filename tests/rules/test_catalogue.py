"""Rules are found through entry points, checked at the start, bound to options and put into words."""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.majority_1 import Majority
from app.rules.catalogue import Catalogue, InvalidOptions, RuleFailedToLoad, UnknownRule
from app.rules.contract import DecisionRule, Reason
from app.rules.texts import LANGUAGES, MissingText
from app.rules.vectors import differences, vector, written
from tests.rules import reference
from tests.rules.stories import majority, w37_variant

RULE = """
from typing import ClassVar
from app.rules.builtin.majority_1 import Majority

class Mine(Majority):
    slug = "mine"
    version = {version}
"""
TEXTS = 'title = { en = "Mine", fr = "La mienne" }\n'

FROZEN = {
    "apportionment": "d43d9e3160bc9a0caa84631e8f3d80d383ac025d4652137efce35f80bedb8938",
    "approval": "9160086d8d18f1e507e071d27ecf2eecd4601bd6e4f337a103482ab61a30ce5d",
    "borda": "1df154c71f418358364e2daef86cf06c88004b5b076b668274fefc12213a721d",
    "colleges": "80650d9a08cb1e8c728ab8be0deb94bf021d20e6ef2a6ae3ce81e305265a24ed",
    "consensus_block": "2f8573dafea9a591bb13217499193adb2d28abb43ac3efdb457c0bad0e070d74",
    "consensus_minus": "65b163258532391d8a12cd8ba9c9a21a64da763c9370306c5fa6346bed294507",
    "consent": "9a2da13c1b02c3265e204ef94d1aa74a9ddddb5c28f95eb9de7e85bb9c20b8a1",
    "delayed": "5623c3b0334c9708f3d98255e60501325b5e1a6034eb20a985762ddbcf458ad2",
    "double_majority": "f52aa4089049931c5fe290ea85ef5a8c6b36c65b325ed4646fd1b2c283a331a5",
    "fallback": "76fe425611b7289536f9d0050796729dfb719db6bac4fcb6ef3e433c9052ec64",
    "fist_to_five": "23724c2ed2441b6814eef389001acf51e69f7a9ef3c1a881e7bee2a4980977d7",
    "gradients": "818f4556faa1b08ef559457f37cb697761bb0f66d56b01e71632b790f0b3e0ae",
    "irv": "7c374ef74bd437090bf29cba21aa62562721c199c70a340dd0c5c88c94667f17",
    "lazy_consensus": "e44ad75c6dd800b7217e31e56e33bf7b3fb9ad8faeebfb738dc03fc9b1d1ebc2",
    "majority": "3e5b833f8d87775f6b25fc6c0e6b9a4c3aed544a132848a513cf4cfb3b4c5fc1",
    "majority_judgment": "d2b910bc88498777d1be00bf52d3103a2ac665ef3e413122cc8ade2a282035b2",
    "minority_block": "0a3c381d1f4009b99b717176879b5e697dd7ae0a4fc24372a378a59c2628efe4",
    "quadratic": "6b03645d7e45a0161eecd0d4060aa176f4ead4cc86d2de5bb0a76847363f5a58",
    "quorum": "a8f7e8bdf37413520f881f832ae6871c99577583652da43f4708b1b8fb3511c0",
    "schulze": "ff7840936839217997e8bd14300a69ba2b44e028e7755f91f4a787530c1cb201",
    "score": "decdfbfc05f5aba682e33014eb253070468ee688034991340aab8f5b768d3395",
    "selection": "eecc2c4c5a7f2bf8791a76ef52d66369673404cf396ce0189a00161cb7405c7e",
    "sortition": "d41c8c5f4872851f65aaf5e71ec5d08b8614966f369421262592190f6916838f",
    "sponsored": "1f889344daaa1c14fc0f1f05b751a793522d613c6dc47d42a2611a548d209afb",
    "star": "4e7ccb40de8ce6bdae82b48e99b4ad3f8d0e7c1c2181de413e24ab04c6d364bf",
    "stv": "be66159ace3851fbd078558be5b68891bc2667d794b4bc4737a222ed9ab26f52",
    "two_round": "bfbc37c31593f08ef076a25c910e2b47e419ced88b1238ad4cfef0a2bb7152d7",
    "unanimity": "259cf54e2f054031d06554f8e5e920c752133827c05178631f2369e73500fe7e",
    "weighted": "38929e11055d19f8012bdcacd5de85d3cd697dc73a579f475a78d76e9fd16198",
}
"""Reference digests: once version 1 is released, a change here is a new version elsewhere."""

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a third-party package with one rule, as a distribution with an entry point of a group of its own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def do(
        name: str, *, rule: str | None = None, texts: str = TEXTS, vectors: bytes | None = None, version: int = 1
    ) -> str:
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "rule.py").write_text(RULE.format(version=version) if rule is None else rule)
        (package / "rule_counting.py").write_text("ALSO = 1\n")
        (package / f"mine_{version}.texts.toml").write_text(texts)
        if vectors is not None:
            (package / f"mine_{version}.vectors.json").write_bytes(vectors)
        dist = tmp_path / f"{name}-1.0.dist-info"
        dist.mkdir()
        (dist / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (dist / "entry_points.txt").write_text(f"[cercle.rules.test]\n{name}_1 = {name}.rule:Mine\n")
        return f"{name}_1"

    yield do
    for module in set(sys.modules) - before:
        if module.startswith("vendor"):
            del sys.modules[module]


def true_vectors() -> bytes:
    return written(reference.vectors({"a tie": reference.stories()["majority_1"]["15-15 is rejected"]}))


class TestLoading:
    def test_the_rules_of_this_package_are_found_like_any_other(self) -> None:
        catalogue = Catalogue.load()
        assert {(rule.slug, rule.version) for rule in catalogue.rules()} >= {("consent", 1), ("majority", 1)}

    def test_a_plug_in_is_never_second_class(self, install: Install) -> None:
        install("vendor_good", vectors=true_vectors())
        catalogue = Catalogue.load("cercle.rules.test")
        assert [rule.slug for rule in catalogue.rules()] == ["mine"]
        assert catalogue.texts("mine", 1, "fr")["title"] == "La mienne"
        assert catalogue.reference_digest("mine") != catalogue.code_digest("mine")
        assert isinstance(catalogue.bind("mine", None, {}), DecisionRule)

    @pytest.mark.parametrize(
        ("package", "reason"),
        [
            ({"rule": "import nowhere"}, "ModuleNotFoundError"),
            ({"rule": "Mine = 3"}, "is not a DecisionRule"),
            ({"rule": "Mine = dict"}, "is not a DecisionRule"),
            ({"vectors": None}, "FileNotFoundError"),
            ({"vectors": b"[]"}, "it has no reference vectors"),
            ({"vectors": b'[{"options": 0.5}]'}, "0.5 is not exact"),
            ({"vectors": b'[{"options": {"threshold": "2"}}]'}, "InvalidOptions"),
            ({"texts": 'title = { en = "Mine" }'}, "no text for title in fr"),
            ({"texts": "title = "}, "TOMLDecodeError"),
        ],
    )
    def test_a_plug_in_that_fails_refuses_the_start_by_name(
        self, install: Install, package: dict[str, object], reason: str
    ) -> None:
        name = install("vendor_bad", **{"vectors": true_vectors(), **package})
        with pytest.raises(RuleFailedToLoad) as refused:
            Catalogue.load("cercle.rules.test")
        assert reason in refused.value.reason
        assert "vendor_bad" in refused.value.name or refused.value.name == name

    def test_a_rule_that_changed_its_meaning_refuses_the_start(self, install: Install) -> None:
        told = json.loads(true_vectors())
        told[0]["step"]["verdict"] = "adopted"
        install("vendor_changed", vectors=json.dumps(told).encode())
        with pytest.raises(RuleFailedToLoad, match="departs from its reference vectors: a tie, after 1 phases"):
            Catalogue.load("cercle.rules.test")

    def test_white_space_does_not_change_the_digest_but_meaning_does(self, install: Install) -> None:
        install("vendor_spaced", vectors=json.dumps(json.loads(true_vectors()), indent=3).encode())
        catalogue = Catalogue.load("cercle.rules.test")
        install(
            "vendor_more",
            vectors=written(reference.vectors({"x": reference.stories()["majority_1"]["the author alone"]})),
            version=2,
        )
        both = Catalogue([*catalogue.rules(), __import__("vendor_more.rule").rule.Mine])
        assert both.reference_digest("mine", 1) == catalogue.reference_digest("mine")
        assert both.reference_digest("mine") == both.reference_digest("mine", 2) != both.reference_digest("mine", 1)

    def test_two_rules_of_one_name_and_version_are_refused(self) -> None:
        with pytest.raises(RuleFailedToLoad, match="already provided"):
            Catalogue([Majority, Majority])

    def test_a_form_has_one_plural(self, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
        rule = RULE.format(version=1) + (
            "    class Other(Majority.forms['ballot']):\n        plural = 'others'\n"
            "    forms = {**Majority.forms, 'ballot': Other}\n"
        )
        install("vendor_plural", rule=rule, vectors=true_vectors())
        mine = Catalogue.load("cercle.rules.test").get("mine")
        with pytest.raises(RuleFailedToLoad, match="form ballot has two plurals"):
            Catalogue([Majority, mine])

    def test_a_rule_outside_a_package_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "vendor_single.py").write_text(RULE.format(version=1))
        monkeypatch.syspath_prepend(str(tmp_path))
        with pytest.raises(RuleFailedToLoad, match="ships in a package"):
            Catalogue([__import__("vendor_single").Mine])


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


class TestAsking:
    def test_the_newest_version_answers_unless_one_is_named(self, catalogue: Catalogue) -> None:
        assert catalogue.get("consent") is catalogue.get("consent", 1) is Consent

    @pytest.mark.parametrize(("slug", "version"), [("consensus", None), ("consent", 2)])
    def test_an_unknown_rule_is_named(self, catalogue: Catalogue, slug: str, version: int | None) -> None:
        for ask in (catalogue.get, catalogue.reference_digest, catalogue.code_digest):
            with pytest.raises(UnknownRule, match=slug):
                ask(slug, version)
        with pytest.raises(UnknownRule):
            catalogue.bind(slug, version, {})

    def test_options_are_completed_and_pinned_as_json(self, catalogue: Catalogue) -> None:
        pinned = catalogue.options("majority", 1, {"threshold": "2/3"}).model_dump(mode="json")
        assert pinned["threshold"] == "2/3"
        assert catalogue.bind("majority", 1, pinned).options.model_dump(mode="json") == pinned

    def test_wrong_options_are_told_with_a_pointer(self, catalogue: Catalogue) -> None:
        wrong = {"durations": {"testing": "P0D", "a/b~c": 1}, "min_participation": 0.5, "on_deadlock": ["defer", "fly"]}
        with pytest.raises(InvalidOptions, match="options of consent 1") as refused:
            catalogue.bind("consent", 1, wrong)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [
            ("/min_participation", "share"),
            ("/on_deadlock/1", "literal_error"),
            ("/durations/testing", "duration"),
            ("/durations/a~1b~0c", "extra_forbidden"),
        ]

    def test_forms_are_known_by_name(self, catalogue: Catalogue) -> None:
        forms = catalogue.forms()
        assert set(Consent.forms) | set(Majority.forms) <= set(forms)
        assert forms["objection_withdrawal"].plural == "objection-withdrawals"
        plurals = [form.plural for form in forms.values()]
        assert len(set(plurals)) == len(plurals)

    def test_the_code_digest_covers_every_module_of_the_rule(self, catalogue: Catalogue) -> None:
        assert catalogue.code_digest("consent") != catalogue.code_digest("majority")


class TestSentences:
    def test_w37_reads_well_in_both_languages(self, catalogue: Catalogue) -> None:
        outcome = w37_variant().run_out()
        told = {
            language: [catalogue.sentence("consent", 1, reason, language) for reason in outcome.reasons]
            for language in LANGUAGES
        }
        assert told["en"][:2] == [
            "Too few answered: 6 of 12 electors, 8 were needed.",
            "6 electors were silent, which this circle's rule takes as consent but never as taking part.",
        ]
        assert told["fr"][:2] == [
            "Participation insuffisante : 6 réponses sur 12, il en fallait 8.",
            "6 personnes n'ont pas répondu : la règle du cercle y voit un consentement, jamais une participation.",
        ]

    def test_a_majority_names_its_base_and_its_bar(self, catalogue: Catalogue) -> None:
        reason = reference.stories()["majority_1"]["20-10, more than two thirds"]().run_out().reasons[0]
        assert catalogue.sentence("majority", 1, reason, "en") == (
            "Not adopted: 20 for, 10 against, 0 abstaining, 0 blank. For: 20 of 30 votes cast for or against; "
            "more than 20 needed (threshold 2/3)."
        )

    @pytest.mark.parametrize(
        ("silent", "english", "french"),
        [
            (0, "0 electors were", "0 personne n'a"),
            (1, "1 elector was", "1 personne n'a"),
            (2, "2 electors were", "2 personnes n'ont"),
        ],
    )
    def test_plurals_follow_the_language(self, catalogue: Catalogue, silent: int, english: str, french: str) -> None:
        reason = Reason("silence_is_consent", {"silent": silent})
        assert catalogue.sentence("consent", 1, reason, "en").startswith(english)
        assert catalogue.sentence("consent", 1, reason, "fr").startswith(french)

    def test_a_text_is_plural_when_it_is_no_figure(self, catalogue: Catalogue) -> None:
        assert "many electors were" in catalogue.sentence(
            "consent", 1, Reason("silence_is_consent", {"silent": "many"}), "en"
        )

    @pytest.mark.parametrize("reason", [Reason("nonsense"), Reason("participation", {"answered": 1})])
    def test_what_has_no_words_is_an_error(self, catalogue: Catalogue, reason: Reason) -> None:
        with pytest.raises(MissingText, match="no text for"):
            catalogue.sentence("consent", 1, reason, "en")


class TestReferenceVectors:
    def test_the_meaning_of_a_version_is_frozen(self, catalogue: Catalogue) -> None:
        assert {rule.slug: catalogue.reference_digest(rule.slug) for rule in catalogue.rules()} == FROZEN

    def test_the_files_hold_exactly_the_reference_stories(self) -> None:
        folder = Path(sys.modules[Consent.__module__].__file__ or "").parent
        for name, played in reference.stories().items():
            assert (folder / f"{name}.vectors.json").read_bytes() == written(reference.vectors(played)), name

    def test_a_vector_may_say_that_the_phase_goes_on(self) -> None:
        process = majority(3)
        process.leave("m03")
        case = process.case
        stays = replace(case, held=(replace(case.held[0], ended="shrunk"),))
        told = vector("goes on", process.rule, {}, stays)
        assert told["step"] is None
        assert list(differences(functools.partial(Catalogue.load().bind, "majority", 1), [told])) == []
