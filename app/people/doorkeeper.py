"""Who holds a credential, asked for all callers who come at the same time at once, and never from memory.

Look-ups that wait together share one statement, so that a crowd at the door costs what one caller costs; each is
answered from the database, so that a credential that has ended opens nothing a moment later, on any replica. When a
credential was last used is noted in one statement every half minute: knowing it is never worth a caller's wait.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import FromClause, Row, Select, Table, and_, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.foundation.asking import Asking, follow
from app.foundation.coalescing import Coalescer
from app.foundation.database import Database
from app.organisations.tables import Member
from app.people.tables import Credential

Holder = Row[Any]
_NOTED_EVERY_SECONDS: Final = 30.0
_CREDENTIAL: Table = Credential.__table__  # type: ignore[attr-defined]
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]


def _holders(asked: FromClause) -> Select[Any]:
    member = and_(_MEMBER.c.organisation_id == _CREDENTIAL.c.organisation_id, _MEMBER.c.id == _CREDENTIAL.c.member_id)
    return select(
        *(
            _CREDENTIAL.c[name]
            for name in (
                "digest", "organisation_id", "id", "member_id", "scopes", "expires_at", "last_used_at", "ended_at",
            )
        ),
        *(_MEMBER.c[name] for name in ("pseudonym", "status", "steward")),
    ).select_from(follow(asked, (_CREDENTIAL, _CREDENTIAL.c.digest == asked.c.digest), (_MEMBER, member)))  # fmt: skip


_HOLDERS: Final = Asking(_holders, digest=str)
_NOTE: Final = update(_CREDENTIAL).where(_CREDENTIAL.c.digest == bindparam("used")).values(last_used_at=bindparam("at"))
_log = logging.getLogger("cercle.signin")


class Doorkeeper:
    """Looks credentials up by digest, and notes their use."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookups: Coalescer[str, Holder | None] = Coalescer(self._together)
        self._used: dict[str, datetime] = {}
        self._notes: asyncio.Task[None] | None = None

    async def holder(self, digest: str) -> Holder | None:
        """The credential of that digest with its member, as the database has them now."""
        return await self._lookups.ask(None, digest)

    def note_use(self, digest: str, now: datetime) -> None:
        """Remember that the credential was used; it is written down within half a minute."""
        self._used[digest] = now

    def start(self) -> None:
        """Write notes from now on."""
        self._notes = asyncio.create_task(self._write_notes_forever())

    async def stop(self) -> None:
        """Write what is noted and stop."""
        await self._lookups.settle()
        if self._notes is not None:
            self._notes.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._notes
        await self.write_notes()

    async def write_notes(self) -> None:
        """Write every noted use, in one statement."""
        used, self._used = self._used, {}
        if not used:
            return
        notes = [{"used": digest, "at": now} for digest, now in sorted(used.items())]
        try:
            async with self._database.write() as session:
                await session.execute(_NOTE, notes)
        except (OSError, SQLAlchemyError) as error:
            _log.warning("the last use of credentials was not noted: %s", type(error).__name__)

    async def _together(self, digests: Sequence[str]) -> Sequence[Holder | None]:
        async with self._database.glance() as connection:
            rows = await _HOLDERS.rows(connection, [(digest,) for digest in sorted(set(digests))])
        found = {row.digest: row for row in rows}
        return [found.get(digest) for digest in digests]

    async def _write_notes_forever(self) -> None:
        while True:
            await asyncio.sleep(_NOTED_EVERY_SECONDS)
            await self.write_notes()
