"""The rules that come with Cercle keep what every rule must keep."""

from app.rules.builtin.consent_1 import Consent
from app.rules.builtin.majority_1 import Majority
from app.rules.conformance import Conformance


class TestConsent(Conformance):
    rule = Consent
    variants = (
        {},
        {"begins_with": "objecting", "silence_policy": "silence_is_consent", "judge": "panel", "tolerance": 1},
        {"begins_with": "objecting", "judge": "none", "max_rounds": 1, "on_deadlock": ("trial", "defer")},
        {"begins_with": "objecting", "judge": "facilitator_logic", "skip_confirm": True, "stand_aside": True},
        {"begins_with": "objecting", "silence_policy": "explicit_required", "on_low_participation": "lapse"},
        {"begins_with": "objecting", "silence_policy": "silence_escalates", "tolerance": "1/3"},
        {"begins_with": "objecting", "on_low_participation": "adopt_if_no_objection", "min_participation": "1"},
    )


class TestMajority(Conformance):
    rule = Majority
    variants = (
        {},
        {"tie_break": "chair_casting", "early_close": True},
        {"tie_break": "revote", "early_close": True},
        {"tie_break": "lot", "base": "expressed", "visibility": "secret"},
        {"tie_break": "revote", "quorum": "1/2", "late_quorum": "P1D"},
        {"quorum": "1/2", "late_quorum": "P1D", "revote": False},
        {"early_close": True},
        {"base": "present", "threshold": "2/3", "op": "gte", "quorum": "1/2"},
        {"base": "entitled", "visibility": "sealed"},
        {"base": "expressed", "threshold": "3/4"},
    )
