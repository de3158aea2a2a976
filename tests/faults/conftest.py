"""The whole service, on both databases."""

from tests.api.conftest import world

__all__ = ["world"]
