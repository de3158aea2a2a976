"""Who steps in is settled by an order, and by nobody's choice."""

import pytest

from app.roles.surrogates import holder
from app.roles.tables import RoleKind

OFFICES = {
    RoleKind.FACILITATOR: ["emma"],
    RoleKind.SECRETARY: ["farid"],
    RoleKind.LEAD_LINK: ["bilal"],
    RoleKind.REP_LINK: ["chloe"],
    RoleKind.OTHER: ["driss"],
}


@pytest.mark.parametrize(
    ("barred", "acting"),
    [
        ((), "emma"),
        (("emma",), "farid"),
        (("emma", "farid"), "bilal"),
        (("emma", "farid", "bilal"), "chloe"),
        (("emma", "farid", "bilal", "chloe"), None),
    ],
)
def test_the_facilitator_is_stood_in_for_in_order(barred: tuple[str, ...], acting: str | None) -> None:
    assert holder("facilitator", OFFICES, barred) == acting
    vacant = {kind: [one for one in holders if one not in barred] for kind, holders in OFFICES.items()}
    assert holder("facilitator", vacant) == acting


@pytest.mark.parametrize(
    ("office", "first", "second"),
    [("secretary", "farid", "emma"), ("lead_link", "bilal", "emma"), ("rep_link", "chloe", "emma")],
)
def test_the_line_begins_after_the_office_itself(office: str, first: str, second: str) -> None:
    assert holder(office, OFFICES) == first
    assert holder(office, OFFICES, (first,)) == second


def test_a_vacant_office_is_filled_by_its_surrogate() -> None:
    assert holder("facilitator", {RoleKind.SECRETARY: ["farid"]}) == "farid"
    assert holder("facilitator", {}) is None


def test_an_ordinary_role_has_no_surrogate() -> None:
    assert holder("other", OFFICES) == "driss"
    assert holder("other", OFFICES, ("driss",)) is None


def test_an_unknown_office_is_held_by_nobody() -> None:
    assert holder("monarch", OFFICES) is None


def test_of_two_holders_the_longest_in_office_acts() -> None:
    assert holder("facilitator", {RoleKind.FACILITATOR: ["emma", "ana"]}) == "emma"
    assert holder("facilitator", {RoleKind.FACILITATOR: ["emma", "ana"]}, ("emma",)) == "ana"
