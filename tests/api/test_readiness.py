"""Whoever watches over the service is told when it cannot do its work, and why."""

import pytest
from sqlalchemy import text

from app.foundation import migrations
from app.foundation.database import Database
from tests.api.world import World

HEAD = migrations.head()


async def test_a_service_that_works_says_so(world: World) -> None:
    ready = await world.call(None, "GET", "/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "database": "ok", "revision": HEAD, "late_jobs": 0, "dead_jobs": 0}


@pytest.mark.parametrize(
    ("there", "code"), [("9999", "schema_ahead"), ("0000", "schema_behind"), (None, "schema_behind")]
)
async def test_another_schema_is_no_readiness(
    world: World, monkeypatch: pytest.MonkeyPatch, there: str | None, code: str
) -> None:
    monkeypatch.setattr(migrations, "revisions", lambda: ["0000", HEAD])
    async with world.database.write() as session:
        await session.execute(text("DELETE FROM alembic_version"))
        if there is not None:
            await session.execute(text("INSERT INTO alembic_version VALUES (:there)"), {"there": there})
    refused = await world.call(None, "GET", "/readyz", Accept_Language="fr")
    assert (refused.status_code, refused.json()["code"]) == (503, code)
    assert refused.json()["facts"] == {"found": there or "-", "needed": HEAD}
    assert HEAD in refused.json()["detail"]
    assert (await world.call(None, "GET", "/healthz")).status_code == 200


async def test_a_silent_database_is_no_readiness(world: World) -> None:
    kept, world.app.state.database = world.database, Database("postgresql+asyncpg://cercle@127.0.0.1:1/cercle")
    try:
        refused = await world.call(None, "GET", "/readyz")
    finally:
        world.app.state.database = kept
    assert (refused.status_code, refused.json()["code"]) == (503, "database_silent")
    assert refused.headers["content-type"] == "application/problem+json"
