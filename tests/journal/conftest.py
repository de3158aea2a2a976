"""The databases, the cooperative and the whole service that these tests stand on."""

from tests.api.conftest import world
from tests.people.cooperative import cooperative, database

__all__ = ["cooperative", "database", "world"]
