"""What people fill in: what is required, what is prose and what is a coded fact; and what a circle may choose."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from app.rules.builtin.consent_1_forms import FORMS, Amendment, Position
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.majority_1 import MajorityOptions
from app.rules.contract import Form
from app.rules.figures import plain


def refused(form: str, **filled: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as error:
        FORMS[form].model_validate({"revision": 1, **filled})
    return [("/".join(map(str, one["loc"])), one["type"]) for one in error.value.errors()]


def filled(form: str, **content: Any) -> Form:
    return FORMS[form].model_validate({"revision": 1, **content})


class TestForms:
    @pytest.mark.parametrize(
        ("form", "content", "errors"),
        [
            ("question", {}, [("text", "text_required")]),
            ("question", {"text": "  "}, [("text", "string_too_short")]),
            ("answer", {"about": "w1"}, [("text", "text_required")]),
            ("answer", {"value": "declined"}, [("about", "missing")]),
            ("reaction", {}, [("text", "text_required")]),
            ("amendment", {}, [("value", "missing")]),
            ("position", {"value": "consent_with_concern"}, [("text", "text_required")]),
            ("position", {"value": "objection"}, [("text", "text_required"), ("harms", "harms_required")]),
            ("position", {"value": "veto"}, [("value", "literal_error")]),
            ("position", {"value": "consent", "by": "somebody else"}, [("by", "extra_forbidden")]),
            ("position", {"value": "consent", "criteria": ["taste"]}, [("criteria/0", "literal_error")]),
            (
                "position",
                {"value": "consent", "criteria": ["new"], "answers": {"certain": "Since May."}},
                [("answers", "answer_without_criterion")],
            ),
            (
                "position",
                {"value": "consent", "criteria": ["new"], "answers": {"new": " "}},
                [("answers/new", "string_too_short")],
            ),
            ("judgment", {"value": "dispute"}, [("text", "text_required")]),
            ("abandonment", {}, [("text", "text_required")]),
            ("abandonment_appeal", {}, [("text", "text_required")]),
            ("contest", {}, [("text", "text_required")]),
            ("keep", {"revision": 0}, [("revision", "greater_than_equal")]),
            ("keep", {"revision": "1"}, [("revision", "int_type")]),
            (
                "position",
                {"value": "objection", "text": "Why.", "harms": "I no longer trust her"},
                [("harms", "string_pattern_mismatch")],
            ),
            ("position", {"value": "consent", "continues": "her"}, [("continues", "string_pattern_mismatch")]),
        ],
    )
    def test_what_is_missing_is_told_where(self, form: str, content: dict[str, Any], errors: list[Any]) -> None:
        assert refused(form, **content) == errors

    @pytest.mark.parametrize(
        ("form", "content"),
        [
            ("question", {"value": "pass"}),
            ("keep", {}),
            ("reaction", {"value": "pass"}),
            ("answer", {"about": "w1", "value": "declined"}),
            ("position", {"value": "consent"}),
            ("position", {"value": "stand_aside"}),
            ("judgment", {"value": "valid"}),
            ("settlement", {}),
            ("settlement", {"value": "monitor_unchanged", "text": "We watch it."}),
            ("objection_withdrawal", {}),
            ("adoption", {}),
            ("resume", {}),
            ("ruling", {"value": "sent_back"}),
            ("seed", {"value": "0c3f9a"}),
        ],
    )
    def test_what_is_enough(self, form: str, content: dict[str, Any]) -> None:
        filled(form, **content)

    def test_prose_and_facts_are_apart(self) -> None:
        objection = filled(
            "position", value="objection", text="It breaks accounting duty.", harms="aim", criteria=["higher_rule"]
        )
        assert objection.prose() == {"text": "It breaks accounting duty."}
        assert objection.facts() == {"harms": "aim", "criteria": ("higher_rule",)}
        answered = filled(
            "position",
            value="objection",
            text="No.",
            harms="aim",
            criteria=["new", "certain"],
            answers={"new": "It was never asked."},
        )
        assert answered.prose() == {"text": "No.", "answers/new": "It was never asked."}
        assert answered.facts() == {"harms": "aim", "criteria": ("new", "certain")}
        assert Position.prose_fields() == ("text", "answers")
        assert Amendment.prose_fields() == ("title", "body", "note")

    def test_an_amendment_says_which_parts_it_touches(self) -> None:
        assert filled("amendment", value="editorial", body="New.").facts() == {"touches": ("body",)}
        both = filled("amendment", value="substantive", title="T", touches=["change-2"], note="Why")
        assert both.facts() == {"touches": ("change-2", "title")}
        assert filled("amendment", value="substantive").facts() == {}

    @pytest.mark.parametrize("name", FORMS)
    def test_each_form_is_described_for_the_people_who_build_on_it(self, name: str) -> None:
        schema = FORMS[name].model_json_schema()
        assert schema["description"]
        assert schema["examples"], "an example shows how it is filled in"
        for example in schema["examples"]:
            FORMS[name].model_validate(example)


class TestOptions:
    @pytest.mark.parametrize("share", ["0", "1", "2/3", "1/2", Fraction(1, 3)])
    def test_shares_are_exact(self, share: Any) -> None:
        options = ConsentOptions(min_participation=share)
        assert options.min_participation == Fraction(share)
        assert ConsentOptions.model_validate(options.model_dump(mode="json")) == options

    @pytest.mark.parametrize(
        "share", [0.5, 1, True, None, "1/0", "3/2", "-1/2", "half", "0.5", Fraction(3, 2), "1" * 12]
    )
    def test_what_is_not_an_exact_share_is_refused(self, share: Any) -> None:
        with pytest.raises(ValidationError, match="exact fraction"):
            ConsentOptions(min_participation=share)

    @pytest.mark.parametrize("tolerance", [0, 3, "1/10", "1/1", Fraction(1, 4)])
    def test_a_tolerance_is_a_number_or_a_share(self, tolerance: Any) -> None:
        options = ConsentOptions(tolerance=tolerance)
        again = ConsentOptions.model_validate(options.model_dump(mode="json"))
        assert again == options
        assert type(again.tolerance) is type(options.tolerance)

    @pytest.mark.parametrize("tolerance", [-1, True, 0.1, "1", "a/b", "3/2", None])
    def test_what_is_neither_is_refused(self, tolerance: Any) -> None:
        with pytest.raises(ValidationError):
            ConsentOptions(tolerance=tolerance)

    @pytest.mark.parametrize("duration", ["P3D", "PT48H", "P2W", "P1DT12H", "PT90M"])
    def test_durations(self, duration: str) -> None:
        assert ConsentOptions.model_validate({"durations": {"testing": duration}}).durations.testing == duration

    @pytest.mark.parametrize(
        "duration", ["", "P", "P0D", "PT0H", "3 days", "P1M", "P1Y", "PT", "P1DT", "P3D\n", "-P3D", "P99999D", 3]
    )
    def test_what_is_no_duration_is_refused(self, duration: Any) -> None:
        with pytest.raises(ValidationError):
            ConsentOptions.model_validate({"durations": {"testing": duration}})

    @pytest.mark.parametrize(("trial", "right"), [("P6M", True), ("P1Y", True), ("P0M", False), ("P6D", False)])
    def test_a_trial_is_a_stretch_of_the_calendar(self, trial: str, right: bool) -> None:
        if right:
            assert ConsentOptions(trial=trial).trial == trial
        else:
            with pytest.raises(ValidationError):
                ConsentOptions(trial=trial)

    @pytest.mark.parametrize("policy", ["explicit_required", "silence_escalates"])
    def test_silence_never_adopts_where_every_answer_is_waited_for(self, policy: Any) -> None:
        with pytest.raises(ValidationError, match="cannot adopt while answers are missing"):
            ConsentOptions(silence_policy=policy, on_low_participation="adopt_if_no_objection")

    def test_each_step_of_the_ladder_is_named_once(self) -> None:
        with pytest.raises(ValidationError, match="named once"):
            ConsentOptions(on_deadlock=("defer", "defer"))

    def test_a_threshold_can_be_reached(self) -> None:
        assert MajorityOptions(threshold="1", op="gte").threshold == 1  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="more than everything"):
            MajorityOptions(threshold="1", op="gt")  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="more than everything"):
            MajorityOptions(threshold="1")  # type: ignore[arg-type]

    @pytest.mark.parametrize("options", [{"threshold": "2/3"}, {"op": "gte"}])
    @pytest.mark.parametrize("tie_break", ["chair_casting", "revote", "lot"])
    def test_where_no_tie_can_be_nothing_breaks_it(self, options: dict[str, Any], tie_break: str) -> None:
        with pytest.raises(ValidationError, match="ties to break"):
            MajorityOptions.model_validate({"tie_break": tie_break, **options})

    def test_whole_figures_are_plain(self) -> None:
        assert (plain(Fraction(4, 2)), plain(Fraction(1, 2))) == (2, Fraction(1, 2))
