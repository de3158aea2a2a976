"""Where a demonstration lives: a folder of its own, so that it never touches a database in use."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from app.demo.wording import Trouble
from app.foundation.language import Language


class Standing(BaseModel):
    """How far a demonstration has come. ``proposals`` names what each story decided, once all of them are told."""

    address: str
    language: Language
    is_told: bool = False
    proposals: dict[str, str] = {}


class Folder:
    """The folder ``demo`` inside the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "demo"
        self.log = self.path / "demo.log"
        self._database = self.path / "cercle.sqlite3"
        self._standing = self.path / "demo.json"

    @property
    def database_url(self) -> str:
        """The demonstration's database."""
        return f"sqlite:///{self._database.absolute()}"

    @property
    def standing(self) -> Standing | None:
        """How far the demonstration in this folder has come; none without its database."""
        if not (self._database.exists() and self._standing.exists()):
            return None
        try:
            return Standing.model_validate_json(self._standing.read_text("utf-8"))
        except ValidationError:
            return None

    def note(self, standing: Standing) -> None:
        """Note how far it has come: whole or not at all, however this process ends."""
        new = self._standing.with_suffix(".new")
        new.write_text(standing.model_dump_json(indent=2), "utf-8")
        new.replace(self._standing)

    def clear(self) -> bool:
        """Make room for a new demonstration; returns whether there was something of an earlier one."""
        was_there = self._database.exists()
        for name in ("", "-wal", "-shm"):
            self._database.with_name(self._database.name + name).unlink(missing_ok=True)
        self._standing.unlink(missing_ok=True)
        return was_there

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other demonstrations out while one runs here; the hold ends with the process, however that ends.

        Raises Trouble when another one holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path / "hold.sqlite3", timeout=0, isolation_level=None)) as door:
            try:
                door.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                standing = self.standing
                address = standing.address if standing else "…"
                raise Trouble("in_use", folder=self.path, address=address) from None
            yield

    def is_held(self) -> bool:
        """Whether a demonstration runs here now."""
        try:
            with self.held():
                return False
        except Trouble:
            return True
