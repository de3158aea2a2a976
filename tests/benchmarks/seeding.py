"""Fills an empty database as far as requests are measured on it: what decides is opened through the real actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.circles import actions as circles
from app.circles.tables import Basis, Circle, CircleKind, CircleMembership, CircleText
from app.foundation import migrations
from app.foundation.clock import SystemClock
from app.foundation.database import Database
from app.foundation.ids import uuid7
from app.foundation.permissions import Scope
from app.journal.actor import Actor, new_pseudonym
from app.journal.record import Journal
from app.organisations.actions import admit_member
from app.organisations.founding import found
from app.organisations.lifecycle import MemberStatus
from app.organisations.tables import Admission, LegalForm, Member, MemberKind, MemberText, OrganisationText
from app.people import tokens
from app.people.tables import Credential, CredentialKind
from app.proposals.actions import admission, drafts
from app.proposals.actions.drafts import ProposalText
from app.proposals.deliberation.utterances import Utterance
from app.proposals.deliberation.words import Heard, say
from app.proposals.tables import Proposal, TensionText
from app.roles import actions as roles
from app.roles.tables import RoleKind, RoleText
from app.rules.catalogue import Catalogue
from app.settings import Settings
from app.worker import Worker
from tests.benchmarks.copies import copy_proposal

READERS = 9
_CONSENT = {"begins_with": "objecting", "min_participation": "2/3"}
_BATCH = 5_000
_MEMBER: Table = Member.__table__  # type: ignore[attr-defined]
_CREDENTIAL: Table = Credential.__table__  # type: ignore[attr-defined]
_PLACE: Table = CircleMembership.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Wanted:
    """How much a database must hold before it is measured."""

    ballots: int
    positions: int
    proposals: int
    members: int = 20_000
    consent_proposals: int = 50

    @property
    def speakers(self) -> int:
        """Members who are asked for a position on each of the consent proposals."""
        return ceil(self.positions / self.consent_proposals)

    @property
    def votes(self) -> int:
        """Proposals that all members vote on."""
        return ceil(self.ballots / self.members)


@dataclass(frozen=True)
class Seeded:
    """What was written, as far as requests must name it. The first ``READERS`` members belong to every circle."""

    wanted: Wanted
    tokens: tuple[str, ...]
    majority_proposals: tuple[str, ...]
    consent_proposals: tuple[str, ...]
    readable_proposals: tuple[str, ...]


@dataclass(frozen=True)
class _Person:
    row: dict[str, Any]
    secret: str


@dataclass(frozen=True)
class _Place:
    """A circle with the domain that its proposals touch."""

    circle: Circle
    domain: UUID


async def fill(settings: Settings, wanted: Wanted) -> Seeded:
    """Create the tables, a cooperative with its members and circles, and all proposals.

    Members, tokens and memberships go in by the thousand. Three officers belong to each circle and never answer, so
    that no process completes while it is measured. The proposals to be read are copies of one that was opened and
    answered like the others.
    """
    database = Database(settings.database, before_commit=Journal().before_commit)
    seeding = _Seeding(database, Catalogue.load(), wanted, SystemClock().now())
    try:
        await migrations.upgrade(settings.database)
        return await seeding.run()
    finally:
        await database.close()


class _Seeding:
    def __init__(self, database: Database, rules: Catalogue, wanted: Wanted, now: datetime) -> None:
        self._database = database
        self._rules = rules
        self._wanted = wanted
        self._now = now

    async def run(self) -> Seeded:
        await self._found()
        people = await self._admit_people()
        assembly = await self._circle("assembly", people, "majority", {})
        workshop = await self._circle("workshop", people[: self._wanted.speakers], "consent", _CONSENT)
        studio = await self._circle("studio", people[:READERS], "consent", _CONSENT)
        voted = [await self._open(assembly) for _ in range(self._wanted.votes)]
        spoken = [await self._open(workshop) for _ in range(self._wanted.consent_proposals)]
        readable = await self._readable(studio, people[:READERS])
        await self._settle()
        secrets = tuple(person.secret for person in people)
        return Seeded(self._wanted, secrets, _words(voted), _words(spoken), _words(readable))

    async def _found(self) -> None:
        name = OrganisationText(
            slug="benchmark", name="Benchmark", legal_form=LegalForm.SCIC_SAS, time_zone="Europe/Paris"
        )
        first = MemberText(name="Steward", email="steward@benchmark.example")
        async with self._database.write() as session:
            _, steward = await found(session, name, first, host="localhost", now=self._now)
            self._steward = _actor(steward)
            names = ("proposer", "facilitator", "secretary")
            texts = [Admission(name=name, email=f"{name}@benchmark.example") for name in names]
            officers = [await admit_member(session, one, actor=self._steward, now=self._now) for one in texts]
        self._officers = officers
        self._proposer, self._facilitator, _ = map(_actor, officers)

    async def _admit_people(self) -> list[_Person]:
        wanted = max(self._wanted.members, self._wanted.speakers)
        people = [_person(number, self._steward.organisation_id, self._now) for number in range(wanted)]
        await self._insert(_MEMBER, (person.row for person in people))
        await self._insert(_CREDENTIAL, (_credential(person, self._now) for person in people))
        return people

    async def _circle(self, slug: str, people: list[_Person], rule: str, options: dict[str, Any]) -> _Place:
        """A circle of these people and the officers, in which the second officer facilitates."""
        actor, now = self._steward, self._now
        parent = getattr(self, "_anchor", None)
        async with self._database.write() as session:
            kind = CircleKind.OPERATIONAL if parent else CircleKind.ANCHOR
            new = circles.NewCircle(slug, CircleText(name=slug.title(), aim="Be measured."), kind, parent)
            made = await circles.found_circle(session, new, actor=actor, now=now)
            for officer in self._officers:
                await circles.join(session, made, officer, Basis.APPOINTED, actor=actor, now=now)
            for office, holder in zip((RoleKind.FACILITATOR, RoleKind.SECRETARY), self._officers[1:], strict=True):
                role = roles.NewRole(RoleText(name=office.value), [], None, office)
                seat = await roles.create_role(session, made, role, actor=actor, now=now)
                await roles.assign(session, seat, holder, actor=actor, now=now)
            area = circles.NewDomain(slug, slug.title(), "All of it.", None)
            domain = await circles.entrust_domain(session, made, area, actor=actor, now=now)
            pinned = circles.WantedRule(rule, None, options)
            await circles.set_rule(session, made, pinned, catalogue=self._rules, actor=actor, now=now)
        self._anchor = parent or made.id
        await self._insert(_PLACE, (_place(person, made.id, now) for person in people))
        return _Place(made, domain.id)

    async def _open(self, place: _Place) -> UUID:
        """A proposal from its tension to the phase in which it is answered."""
        async with self._database.write() as session:
            proposal = await self._submitted(session, place)
            await admission.admit(session, proposal, actor=self._facilitator, rules=self._rules, now=self._now)
        return proposal.id

    async def _submitted(self, session: AsyncSession, place: _Place) -> Proposal:
        who, now = self._proposer, self._now
        felt = TensionText(
            driver="Nobody knows who refunds an expense, nor when.",
            example="Last week two members paid the same invoice.",
            requirement="One rule that everybody can read before paying.",
        )
        proposed = ProposalText.model_validate(
            {
                "title": "Refund of small expenses within a week",
                "body": "An expense up to 50 euros is refunded within a week against its receipt. " * 6,
                "changes": [{"kind": "adopt_agreement", "domain_id": str(place.domain)}],
                "review_on": (now + timedelta(days=365)).date(),
                "evaluation": "Nobody waits for more than a week.",
            }
        )
        tension = await drafts.sense_tension(session, felt, actor=who, now=now)
        proposal = await drafts.propose(session, tension, proposed, actor=who, now=now)
        await session.flush()
        return await drafts.submit(session, proposal, actor=who, now=now)

    async def _readable(self, place: _Place, people: list[_Person]) -> list[UUID]:
        first = await self._open(place)
        form = self._rules.get("consent", 1).forms["position"]
        concern = {"value": "consent_with_concern", "revision": 1, "text": "Receipts get lost."}
        bodies = (form.model_validate({"value": "consent", "revision": 1}), form.model_validate(concern))
        pairs = zip(people, bodies, strict=False)
        said = [Utterance(_actor_of(person.row), first, "position", body) for person, body in pairs]
        async with self._database.write() as session:
            answers = await say(session, said, rules=self._rules, now=self._now)
        if not all(isinstance(answer, Heard) for answer in answers):
            raise RuntimeError(f"a position was refused: {answers}")
        await self._worker().sequence_all()
        async with self._database.writer.begin() as connection:
            return [first, *await copy_proposal(connection, first, self._wanted.proposals - 1)]

    async def _settle(self) -> None:
        """Sequence what was recorded, and let the planner know what was filled in."""
        while await self._worker().sequence_all():
            pass
        if self._database.is_sqlite:  # closing the file checkpoints it, and the service asks for no statistics
            return
        async with self._database.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
                await connection.execute(text(statement))

    async def _insert(self, table: Table, rows: Iterator[dict[str, Any]]) -> None:
        async with self._database.writer.begin() as connection:
            while batch := list(islice(rows, _BATCH)):
                await connection.execute(table.insert(), batch)

    def _worker(self) -> Worker:
        return Worker(self._database, SystemClock(), self._rules)


def _person(number: int, organisation_id: UUID, now: datetime) -> _Person:
    row = {
        "organisation_id": organisation_id,
        "id": uuid7(),
        "version": 1,
        "name": f"Member {number:06d}",
        "representative": None,
        "email": f"member{number}@benchmark.example",
        "language": "fr",
        "kind": MemberKind.PERSON,
        "status": MemberStatus.ACTIVE,
        "steward": False,
        "pseudonym": new_pseudonym(),
        "joined_on": now.date(),
        "left_on": None,
    }
    return _Person(row, tokens.new_secret(CredentialKind.TOKEN))


def _credential(person: _Person, now: datetime) -> dict[str, Any]:
    """A token that has just been used: its last use is noted once an hour, not on each request of a voter."""
    return {
        "digest": tokens.digest(person.secret),
        "organisation_id": person.row["organisation_id"],
        "id": uuid7(),
        "member_id": person.row["id"],
        "kind": CredentialKind.TOKEN,
        "label": "benchmark",
        "scopes": [scope.value for scope in Scope],
        "created_at": now,
        "last_used_at": now,
    }


def _place(person: _Person, circle_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "organisation_id": person.row["organisation_id"],
        "id": uuid7(),
        "circle_id": circle_id,
        "member_id": person.row["id"],
        "basis": Basis.APPOINTED,
        "since": now,
    }


def _actor(member: Member) -> Actor:
    return _actor_of(member.model_dump())


def _actor_of(row: dict[str, Any]) -> Actor:
    return Actor(row["organisation_id"], row["pseudonym"], row["id"], row["steward"], frozenset(Scope))


def _words(ids: list[UUID]) -> tuple[str, ...]:
    return tuple(map(str, ids))
