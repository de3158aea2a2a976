"""The checks behind ``cercle doctor``: settings, database, schema, jobs, logs and decision rules."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.verification import verify_streams
from app.cli import queries
from app.foundation import jobs, migrations
from app.foundation.database import Database
from app.foundation.language import Language, text
from app.people.limiter import Limiter
from app.people.mail import mailer
from app.rules.catalogue import Catalogue, RuleFailedToLoad, UnknownRule
from app.settings import Settings

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found: ``code`` names a sentence with ``facts``, and what to do when it is ``wrong``."""

    check: str
    state: Literal["ok", "note", "wrong"]
    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def spoken(self, language: Language) -> dict[str, Any]:
        """The facts with codes of broken logs in words."""
        if "broken" not in self.facts:
            return self.facts
        return {**self.facts, "broken": text(f"broken.{self.facts['broken']}", language)}


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Everything that can be checked; what cannot be reached is named and ends the round."""
    rules = list(_rules())
    found = [*_settings(settings), *rules]
    schema = [one async for one in _schema(settings)]
    found += schema
    if any(one.state == "wrong" for one in schema):
        return found
    database = Database(settings.database, pool_size=2)
    try:
        async with database.read() as session:
            found += [one async for one in _jobs(session, now)]
            found += [one async for one in _logs(session)]
            if not any(one.state == "wrong" for one in rules):
                found += [one async for one in _pins(session, Catalogue.load())]
    finally:
        await database.close()
    return found


def _settings(settings: Settings) -> Iterator[Finding]:
    wrong = [*_unusable(settings)]
    yield from wrong
    if not wrong:
        yield Finding("settings", "ok", "settings_fine")
    address = urlsplit(settings.public_url)
    if address.hostname in _OWN_MACHINE:
        return
    if address.scheme == "http":
        yield Finding("settings", "note", "settings_plain_http", {"address": settings.public_url})
    if not settings.mail_url.get_secret_value():
        yield Finding("settings", "note", "settings_no_mail")


def _unusable(settings: Settings) -> Iterator[Finding]:
    address = urlsplit(settings.public_url)
    if address.scheme not in {"http", "https"} or not address.netloc:
        yield Finding("settings", "wrong", "settings_address", {"address": settings.public_url})
    try:
        mailer(settings.mail_url.get_secret_value(), settings.mail_from)
    except ValueError:
        yield Finding("settings", "wrong", "settings_mail")
    try:
        Limiter(settings.rate_limit, settings.sign_in_rate_limit)
    except ValueError as error:
        yield Finding("settings", "wrong", "settings_rate", {"error": str(error)})


def _rules() -> Iterator[Finding]:
    try:
        catalogue = Catalogue.load()
    except RuleFailedToLoad as error:
        yield Finding("rules", "wrong", "rule_failed", {"rule": error.name, "reason": error.reason})
        return
    named = ", ".join(f"{rule.slug} {rule.version}" for rule in catalogue.rules())
    yield Finding("rules", "ok", "rules_load", {"rules": named})


async def _schema(settings: Settings) -> AsyncIterator[Finding]:
    file = _file(settings)
    if file is not None and not file.exists():
        yield Finding("database", "wrong", "database_absent", {"file": file})
        return
    try:
        found = await migrations.current(settings.database)
        migrations.check(found)
    except migrations.WrongSchema as error:
        yield Finding("schema", "wrong", error.code, dict(error.facts))
        return
    except (OSError, SQLAlchemyError) as error:
        reason = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"
        yield Finding("database", "wrong", "database_no_answer", {"error": reason})
        return
    if found.revision is None:
        yield Finding("database", "wrong", "database_empty")
        return
    yield Finding("database", "ok", "database_answers", {"kind": settings.database.partition("+")[0]})
    needed = migrations.head()
    if found.revision == needed:
        yield Finding("schema", "ok", "schema_current", {"revision": needed})
    else:
        yield Finding("schema", "wrong", "schema_pending", {"found": found.revision, "needed": needed})


async def _jobs(session: AsyncSession, now: datetime) -> AsyncIterator[Finding]:
    counted = await jobs.counts(session, now)
    for kind in ("late", "dead"):
        if counted[kind]:
            yield Finding("jobs", "wrong", f"jobs_{kind}", {"count": counted[kind]})
    if not any(counted.values()):
        yield Finding("jobs", "ok", "jobs_done")


async def _logs(session: AsyncSession) -> AsyncIterator[Finding]:
    for organisation_id, slug in await queries.logs(session):
        report = await verify_streams(session, organisation_id)
        if report.broken is None:
            facts = {"slug": slug, "size": report.size, "streams": report.streams, "pending": report.pending}
            yield Finding("journal", "ok", "log_whole", facts)
        else:
            where = {"idx": report.broken.idx, "stream": report.broken.stream, "seq": report.broken.seq}
            place = ", ".join(f"{name} {value}" for name, value in where.items() if value is not None)
            facts = {"slug": slug, "broken": report.broken.code, "place": place or "-"}
            yield Finding("journal", "wrong", "log_broken", facts)


async def _pins(session: AsyncSession, catalogue: Catalogue) -> AsyncIterator[Finding]:
    pinned = await queries.pinned_rules(session)
    wrong = False
    for slug, version, digest, count in pinned:
        facts = {"rule": f"{slug} {version}", "count": count}
        try:
            meant = catalogue.reference_digest(slug, version)
        except UnknownRule:
            wrong = True
            yield Finding("rules", "wrong", "rule_missing", facts)
            continue
        if meant != digest:
            wrong = True
            yield Finding("rules", "wrong", "rule_changed", facts)
    if not wrong:
        yield Finding("rules", "ok", "rules_pinned", {"count": sum(count for *_, count in pinned)})


def _file(settings: Settings) -> Path | None:
    _, sqlite, path = settings.database.partition("sqlite+aiosqlite:///")
    return Path(path) if sqlite and path else None
