"""The charter of circles: whoever is a member reads, a steward shapes and records."""

from uuid import uuid4

import pytest

from app.circles.policy import CHARTER, Permission, Setting
from app.journal.actor import Actor, system
from app.organisations.lifecycle import OrganisationState


@pytest.mark.parametrize(
    ("permission", "member", "steward"),
    [
        (Permission.READ_CIRCLES, True, True),
        (Permission.SHAPE_CIRCLES, False, True),
        (Permission.RECORD_MEMBERSHIPS, False, True),
    ],
)
def test_who_is_granted_what(permission: Permission, member: bool, steward: bool) -> None:
    organisation = uuid4()
    asking = {
        Actor(organisation, "s:member", uuid4()): member,
        Actor(organisation, "s:steward", uuid4(), steward=True): steward,
        system(organisation): False,
    }
    for actor, granted in asking.items():
        assert CHARTER[permission](Setting(actor, OrganisationState.FOUNDING)) is granted, actor.pseudonym
