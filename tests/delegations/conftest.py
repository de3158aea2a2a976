"""The cooperative with circles that these tests stand on."""

from tests.circles.structure import elsewhere, structure
from tests.people.cooperative import database

__all__ = ["database", "elsewhere", "structure"]
