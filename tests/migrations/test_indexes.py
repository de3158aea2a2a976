"""What runs on every request, and what the worker asks again and again, finds its rows by an index of its tenant."""

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.circles import deciding
from app.circles import queries as circles
from app.delegations import queries as delegations
from app.delegations.tables import Proxy
from app.foundation import jobs, migrations
from app.foundation.database import Database
from app.foundation.errors import Refusal
from app.foundation.ids import uuid7
from app.foundation.paging import Cut
from app.journal.actor import Actor
from app.journal.record import hold
from app.journal.sequencer import sequence
from app.journal.tables import JournalLog
from app.organisations import queries as organisations
from app.organisations.tables import Member
from app.people import queries as people
from app.people.doorkeeper import _HOLDERS
from app.people.tables import CredentialKind
from app.proposals import queries as proposals
from app.proposals.deliberation.ballots import everybody_voted
from app.proposals.deliberation.counts import BY_CHOICE, BY_KIND, in_passing
from app.proposals.deliberation.openings import open_urns, openings
from app.proposals.lifecycle import ProposalState
from app.proposals.lists import Wanted, authors_of_hidden, listed
from app.proposals.pages import row_of
from app.roles import queries as roles

ORGANISATION, MEMBER, ONE = uuid7(), uuid7(), uuid7()
ACTOR: Final = Actor(ORGANISATION, "s:somebody", MEMBER)
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROXY: Final = Proxy(organisation_id=ORGANISATION, giver_id=ONE, holder_id=MEMBER, circle_id=ONE, given_at=NOW)

_VOTE: Final = {"organisation": ORGANISATION, "process": ONE, "held_round": 1}

Asked = Callable[[AsyncSession], Awaitable[Any]]

HOT: Final[dict[str, Asked]] = {
    "a list of proposals": lambda session: listed(session, ACTOR, Wanted(50)),
    "the next page of it": lambda session: listed(session, ACTOR, Wanted(50, ONE)),
    "a list of proposals in one state": lambda session: listed(
        session, ACTOR, Wanted(50, state=ProposalState.DECIDING)
    ),
    "a list of proposals of one circle": lambda session: listed(session, ACTOR, Wanted(50, circle=ONE)),
    "the list that all share": lambda session: listed(session, ACTOR, Wanted(50), mine=False),
    "who has drafts": lambda session: authors_of_hidden(session, [ACTOR]),
    "a proposal": lambda session: proposals.visible_proposal(session, ACTOR, ONE),
    "a proposal in detail": lambda session: row_of(session, ACTOR, ONE),
    "the phases of a process": lambda session: proposals.phases(session, ORGANISATION, ONE),
    "words where they come in": lambda session: openings(session, ORGANISATION, [(ONE, "s:somebody")]),
    "words of a process": lambda session: proposals.words(session, ACTOR, ONE, {1}, Cut()),
    "words by name": lambda session: proposals.words_named(session, ORGANISATION, ONE, ["w00000001"]),
    "who has not voted yet": lambda session: everybody_voted(session, ORGANISATION, ONE, 1),
    "the count of a vote": lambda session: session.execute(BY_KIND, _VOTE),
    "the count of a few answers": lambda session: session.execute(in_passing(("for", "against")), _VOTE),
    "the count of a vote of people who are alike": lambda session: session.execute(BY_CHOICE, _VOTE),
    "the electorate": lambda session: proposals.electorate(session, ORGANISATION, ONE, after=None, limit=50),
    "open processes of somebody who leaves": lambda session: proposals.open_processes_of(session, ORGANISATION, "s:a"),
    "drafts of somebody who leaves": lambda session: proposals.unadmitted_of(session, ORGANISATION, MEMBER),
    "the head of a stream": lambda session: hold(session, ORGANISATION, ["proposal/1"]),
    "events that wait for their index": lambda session: sequence(session, ORGANISATION),
    "names behind pseudonyms": lambda session: organisations.member_by_pseudonyms(session, ORGANISATION, ["s:a"]),
    "colleges of an electorate": lambda session: organisations.colleges_of(session, ORGANISATION, [MEMBER], NOW.date()),
    "one's own sessions": lambda session: people.own_credentials(
        session, ACTOR, CredentialKind.SESSION, now=NOW, after=None, limit=50
    ),
    "voices of a circle": lambda session: deciding.voices(session, ORGANISATION, ONE, NOW),
    "circles of somebody": lambda session: circles.memberships_of(session, ORGANISATION, MEMBER),
    "the rule in force": lambda session: deciding.rule_in_force(session, ORGANISATION, ONE, NOW),
    "who decides, and by which rule": lambda session: deciding.deciding(session, ORGANISATION, [ONE], NOW),
    "standing in a circle": lambda session: roles.standing(session, ACTOR, ONE),
    "office holders": lambda session: roles.office_holders(session, ORGANISATION, ONE),
    "mandates of somebody": lambda session: roles.mandates_of(session, ORGANISATION, MEMBER),
    "votes where they come in": lambda session: open_urns(session, ORGANISATION, {(ONE, "s:somebody")}),
    "votes by proxy where they come in": lambda session: open_urns(
        session, ORGANISATION, {(ONE, "s:somebody")}, lying=True
    ),
    "proxies that a vote asks for": lambda session: delegations.entrusted(session, ORGANISATION, {(MEMBER, ONE)}, NOW),
    "what else their holders have": lambda session: delegations.in_hands(session, ORGANISATION, {MEMBER}, NOW),
    "where proxies lead": lambda session: delegations.comes_back(session, PROXY, NOW),
    "one's own proxies": lambda session: delegations.own(session, ACTOR),
    "proxies of somebody who leaves": lambda session: delegations.of_member(session, ORGANISATION, MEMBER),
    "proxies for one vote": lambda session: delegations.of_vote(session, ORGANISATION, ONE),
}

ACROSS_TENANTS: Final[dict[str, tuple[str, Asked]]] = {
    "jobs that are due": ("ix_job_due", lambda session: jobs.claim(session, NOW)),
    "jobs late and dead": ("ix_job_d", lambda session: jobs.counts(session, NOW)),
    "somebody who asks for a link": (
        "(slug=?)",
        lambda session: people.addressee(session, "ardoise", "ana@ardoise.example"),
    ),
    "whose credential it is": (
        "sqlite_autoindex_credential_1",
        lambda session: _HOLDERS.rows(session, [("0" * 64,)]),
    ),
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'cercle.sqlite3'}"
    await migrations.upgrade(url)
    database = Database(url)
    async with database.write() as session:
        session.add(JournalLog(organisation_id=ORGANISATION, origin="localhost/log/ardoise/1"))
    yield database
    await database.close()


@pytest.mark.parametrize("what", HOT)
async def test_rows_are_found_by_their_organisation_first(database: Database, what: str) -> None:
    plans = await _plans(database, HOT[what])
    assert plans
    assert [line for line in plans if not _by_tenant(line)] == []


@pytest.mark.parametrize(
    "what",
    [
        *("a proposal in detail", "words where they come in", "the head of a stream"),
        *("votes by proxy where they come in", "proxies that a vote asks for", "what else their holders have"),
    ],
)
async def test_what_many_ask_for_is_looked_up_by_whole_keys(database: Database, what: str) -> None:
    plans = await _plans(database, HOT[what])
    assert plans[0].startswith("SCAN each")
    assert [line for line in plans if line.endswith("(organisation_id=?)") and " organisation " not in line] == []


@pytest.mark.parametrize("what", ACROSS_TENANTS)
async def test_rows_looked_for_across_organisations_have_an_index_of_their_own(database: Database, what: str) -> None:
    index, ask = ACROSS_TENANTS[what]
    plans = await _plans(database, ask)
    assert [line for line in plans if index in line]
    assert [line for line in plans if not (index in line or _by_tenant(line))] == []


async def test_a_search_without_an_index_would_be_found(database: Database) -> None:
    async def unindexed(session: AsyncSession) -> None:
        await session.execute(select(col(Member.id)).where(col(Member.name) == "Ana"))

    assert [line for line in await _plans(database, unindexed) if not _by_tenant(line)] != []


async def _plans(database: Database, ask: Asked) -> list[str]:
    """The lines of SQLite's plans that read a table, for every statement that ``ask`` has run."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    engine = database.writer.sync_engine
    async with database.write() as session:
        event.listen(engine, "before_cursor_execute", note)
        with contextlib.suppress(Refusal, AssertionError):
            await ask(session)
        event.remove(engine, "before_cursor_execute", note)
        lines: list[str] = []
        connection = await session.connection()
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                lines += [row.detail for row in plan if row.detail.startswith(("SCAN", "SEARCH"))]
    return lines


def _by_tenant(line: str) -> bool:
    """A row is found by organisation, or comes from what the statement has made or was given (a recursion, a list)."""
    made = r"SCAN (broader|way|kinds|CONSTANT ROW|each VIRTUAL TABLE.*|\(subquery.*)"
    return "organisation_id=?" in line or re.fullmatch(made, line) is not None
