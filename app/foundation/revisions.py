"""Which revisions of the schema this program knows, and a first look at a database before anything large is loaded."""

from pathlib import Path


def head() -> str:
    """The revision that this program needs."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Every revision from the first to the last; they are numbered, and their files begin with the number."""
    return sorted(path.name.partition("_")[0] for path in (folder() / "versions").glob("*.py"))


def folder() -> Path:
    """In a wheel the migrations lie inside the package, in the source tree beside it."""
    package = Path(__file__).parents[1]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


async def is_at_head(database_url: str) -> bool:
    """Whether a PostgreSQL is as it should be: what nearly every start finds. False says only that one must look
    closer; nothing is raised."""
    import asyncpg

    try:
        connection = await asyncpg.connect(database_url.replace("postgresql+asyncpg:", "postgresql:", 1), timeout=5)
        try:
            return bool(await connection.fetchval("SELECT version_num FROM alembic_version") == head())
        finally:
            await connection.close()
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
