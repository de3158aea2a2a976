"""Databases without any table, on both kinds, and a second migration to move to."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from app.foundation import migrations, revisions
from tests import databases

BOTH: Final = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
_numbers = itertools.count()

_SECOND: Final = '''"""A second step, as a later version would bring it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    with op.batch_alter_table("member", recreate="always" if on_sqlite() else "never") as batch:
        batch.add_column(sa.Column("motto", sa.String(80), nullable=True))
    {further}


def downgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.drop_column("motto")
'''


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; on SQLite the file does not exist yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'new' / 'cercle.sqlite3'}"
        return
    server = databases.server_or_skip()
    name = f"migrations_{next(_numbers)}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty database on PostgreSQL."""
    server = databases.server_or_skip()
    name = f"migrations_{next(_numbers)}"
    yield server.create_database(name)
    server.drop_database(name)


def next_version(folder: Path, monkeypatch: pytest.MonkeyPatch, *, further: str = "pass") -> None:
    """From here on the program is a later version, which brings a second migration."""
    copy = folder / "migrations"
    shutil.copytree(revisions.folder(), copy)
    (copy / "versions" / "0002_second.py").write_text(_SECOND.format(further=further))
    for module in (migrations, revisions):
        monkeypatch.setattr(module, "folder", lambda: copy)
