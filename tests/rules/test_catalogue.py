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
    "apportionment": "f9b8c5ec2d581b468c3615e93fd88e8d1c40433ef7bf81bf8bbc57174e42e980",
    "approval": "051d310b6a304364b63466c2f7e6b25e2c26b60f52121bf793b36997f40e4c45",
    "borda": "996e0948b026c79ebe44b15f141fd6c01976b54a95fc270893643bbfd921de9a",
    "colleges": "7c928920151400112b41c8d4cf740532fb27eadc800c53746dbc2b40d7c54b62",
    "consensus_block": "daed350cb9d34f317b53b9bf5290916cd7a4970c0fcafb86eabe77b77961b19b",
    "consensus_minus": "276ab0c9b683eb7f9dc8c63b8fa7f400410bcd4d8ac38e7361fa017e3dc95bab",
    "consent": "9a2da13c1b02c3265e204ef94d1aa74a9ddddb5c28f95eb9de7e85bb9c20b8a1",
    "delayed": "cbbd96df3ac94de8604b62f8ab72cc52f9569e5599412682bdde4f19350cf458",
    "double_majority": "8148b9d7c9b86a0987bee30e11f8615842f2abbdf7a21b456ee0cb99bd41b3f6",
    "fallback": "0bf3b60536e2daa72c8b742e4ac3edf64e36e582988a0dc86d7a011199aa8bf4",
    "fist_to_five": "7002ddbc164637ae44901a2619c090856e2a148850278d81bd7e3e4f437ff248",
    "gradients": "b7e77992e46e182d154f55d7bc10c8f347b23206e8dc34104acea61cc9f2832c",
    "irv": "45bbd8449e69c11e4b02cded820d113a85026f2cd7c7bdfba8074a8148cfdbb4",
    "majority": "b433659bcbabc4d9f6008a8a121aa6d9556748356b4de0b3077a07f39495c64b",
    "majority_judgment": "3133e8a8e849ab7e8f0810b9ecf582847b1c05f70dafbb6976994834c11edb8d",
    "minority_block": "e4153d4856bb3a0eddb0d829ee5413239eb5fc27a979c62762bdeb074b8024d8",
    "quadratic": "ed2e0cb8604312fd6501f3278cdab35c9add2259d6f32469e662376963feb399",
    "quorum": "c543f09cb08187310760ecf2fe77b0566ec0362c9e2d8b4243623ca50b599433",
    "schulze": "119430fee4f96fab8e1118db1563924c5d3a6524f28ab26e884caac109ea4bb4",
    "score": "9821776c88c9a682a9d82519c9f0ea61292678578562a9c3f103f5529a87d977",
    "sortition": "d41c8c5f4872851f65aaf5e71ec5d08b8614966f369421262592190f6916838f",
    "sponsored": "753d771a5a1a57ec542d5c83904c70ffc647b7728a30efa74c126cd965a93f75",
    "star": "82f8ece2357be07564990c12cfeb5d99a95a17fd41650fecf35e0462ea3942b3",
    "stv": "66ca2336700f3c203ed6e88b57e398a3392eb4af38811a801c552f1675aa9e4c",
    "two_round": "99165787c2b0b3a6075b5c15f43d546cdc20b42b6ec2e3f3442e923bd5b14980",
    "unanimity": "66bf6ee94d4c4e46a08c9b8b4768b151a412326df38174d3b2ac0d2827b8bf18",
    "weighted": "d689b633d157ff8dd769dfe329cd878617d727555f708e7b13a578974dab702b",
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
