"""The world in which the API is tested, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.world import World, opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A cooperative with its steward Salomé, behind the whole service."""
    async with opened(request.param, tmp_path) as made:
        yield made
