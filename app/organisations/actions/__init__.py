"""The verbs of the register of members and of the colleges; each may, steps, builds, records and returns."""

from app.organisations.actions.addresses import announce_email, call_off_email, replace_email
from app.organisations.actions.colleges import place_in_college, set_colleges
from app.organisations.actions.governing import end_founding
from app.organisations.actions.members import (
    admit_member,
    describe_member,
    leave,
    reinstate,
    set_category,
    suspend,
)
from app.organisations.actions.weights import Weighing, weigh

__all__ = [
    "Weighing",
    "admit_member",
    "announce_email",
    "call_off_email",
    "describe_member",
    "end_founding",
    "leave",
    "place_in_college",
    "reinstate",
    "replace_email",
    "set_category",
    "set_colleges",
    "suspend",
    "weigh",
]
