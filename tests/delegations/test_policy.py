"""The charter of proxies, the caps of law and statutes, and which proxies meet in a vote."""

from uuid import UUID, uuid4

import pytest

from app.delegations.policy import (
    CHARTER,
    SA,
    SARL,
    SCOP,
    Permission,
    Standing,
    cap,
    is_between_two,
    most_together,
    needs_end,
    overlap,
)
from app.journal.actor import Actor, system
from app.organisations.tables import LegalForm

ONE, OTHER = uuid4(), uuid4()


@pytest.mark.parametrize("form", sorted(SCOP))
@pytest.mark.parametrize(("members", "most"), [(12, 1), (19, 1), (20, 1), (39, 1), (40, 2), (400, 20)])
def test_the_cap_of_a_scop(form: LegalForm, members: int, most: int) -> None:
    """W40; the statutes may allow fewer, and never more."""
    assert cap(form, members) == most
    assert cap(form, members, 1) == 1
    assert cap(form, members, 500) == most


@pytest.mark.parametrize("form", sorted(set(LegalForm) - SCOP))
@pytest.mark.parametrize("members", [3, 12, 400])
def test_everywhere_else_as_the_statutes_say_and_two_where_they_are_silent(form: LegalForm, members: int) -> None:
    assert cap(form, members) == 2
    assert [cap(form, members, most) for most in (1, 2, 30)] == [1, 2, 30]


@pytest.mark.parametrize("form", sorted(LegalForm))
def test_of_two_in_a_sarl_neither_votes_for_the_other(form: LegalForm) -> None:
    """Commercial Code L223-28."""
    assert is_between_two(form, 2) is (form in SARL)
    assert not is_between_two(form, 3)
    assert (cap(form, 2, 5) == 0) is (form in SARL)


def test_the_forms_are_told_apart_by_their_names() -> None:
    """A SCOP, a SARL or an SA is one by its name; in an SA a proxy is for one meeting (L225-106)."""
    assert {form for form in LegalForm if form.value.startswith("scop_")} == SCOP
    assert {form for form in LegalForm if form.value.endswith("_sarl")} == SARL
    assert {form for form in LegalForm if form.value.endswith("_sa")} == SA
    assert {form for form in LegalForm if needs_end(form)} == SA


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [(None, None, True), (None, ONE, True), (ONE, None, True), (ONE, ONE, True), (ONE, OTHER, False)],
)
def test_proxies_meet_in_the_votes_that_both_cover(one: UUID | None, other: UUID | None, meet: bool) -> None:
    assert overlap(one, other) is meet


@pytest.mark.parametrize(
    ("held", "scope", "together"),
    [
        ([], None, 0),
        ([None, None], ONE, 2),
        ([None, ONE], ONE, 2),
        ([None, ONE], OTHER, 1),
        ([ONE, ONE, OTHER], None, 2),
        ([None, ONE, ONE, OTHER], None, 3),
        ([ONE, OTHER], None, 1),
    ],
)
def test_what_counts_is_the_vote_in_which_most_come_together(
    held: list[UUID | None], scope: UUID | None, together: int
) -> None:
    assert most_together(held, scope) == together


def test_who_is_granted_what() -> None:
    organisation, giver, holder = uuid4(), uuid4(), uuid4()
    for member, is_party in ((giver, True), (holder, True), (uuid4(), False)):
        actor = Actor(organisation, "s:member", member)
        for permission in (Permission.READ_PROXIES, Permission.END_PROXY):
            assert CHARTER[permission](Standing(actor, giver_id=giver, holder_id=holder)) is is_party
        for voice in (True, False):
            assert CHARTER[Permission.GIVE_PROXY](Standing(actor, has_voice=voice)) is voice
    for permission in Permission:
        assert not CHARTER[permission](Standing(system(organisation)))
    for steward in (True, False):
        somebody = Standing(Actor(organisation, "s:member", giver, steward))
        assert CHARTER[Permission.READ_PROXY_CAP](somebody)
        assert CHARTER[Permission.SET_PROXY_CAP](somebody) is steward
