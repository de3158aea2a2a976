"""The cooperative with circles that these tests stand on."""

from tests.circles.structure import elsewhere, structure
from tests.delegations.giving import circle
from tests.people.cooperative import database

__all__ = ["circle", "database", "elsewhere", "structure"]
