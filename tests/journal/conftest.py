"""The databases and the cooperative that these tests stand on."""

from tests.people.cooperative import cooperative, database

__all__ = ["cooperative", "database"]
