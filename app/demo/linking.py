"""A way in for anybody who wants to be one of the demonstration's people, whether or not its service runs."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from app.demo.folder import Folder
from app.demo.script import Cooperative, MemberPart
from app.demo.wording import Trouble
from app.foundation.clock import SystemClock
from app.foundation.database import Database
from app.foundation.errors import NotFound
from app.people.credentials import LINK_LASTS, TOKEN_LASTS, fresh_access
from app.settings import Settings


@dataclass(frozen=True)
class Access:
    """A sign-in link and a token of one member. ``command`` starts the service where it does not run."""

    name: str
    address: str
    link: str
    token: str
    is_running: bool
    command: str

    @property
    def link_minutes(self) -> int:
        return LINK_LASTS // timedelta(minutes=1)

    @property
    def token_days(self) -> int:
        return TOKEN_LASTS // timedelta(days=1)

    def as_json(self) -> Mapping[str, Any]:
        """The same for programs."""
        return {name: value for name, value in asdict(self).items() if name != "command"}


async def access(folder: Folder, plan: Cooperative, wanted: str, command: str) -> Access:
    """Fresh access for whom ``wanted`` means. Raises Trouble when that is nobody, several, or somebody who has
    left, and when the database is of another version."""
    standing = folder.standing
    if standing is None:
        raise Trouble("link.nothing_yet", folder=folder.path, command=f"{command} demo")
    member = meant(plan, wanted)
    settings = Settings(data_dir=folder.path, database_url=folder.database_url, public_url=standing.address)
    database = Database(settings.database, pool_size=1)
    now = SystemClock().now()
    try:
        async with database.write() as session:
            link, token = await fresh_access(
                session, plan.organisation.slug, member.email, public_url=settings.public_url, now=now
            )
    except NotFound:
        raise Trouble("link.gone", name=member.name) from None
    except OperationalError:
        raise Trouble("link.other_version", folder=folder.path, command=f"{command} demo --fresh") from None
    finally:
        await database.close()
    return Access(member.name, standing.address, link, token, folder.is_held(), f"{command} demo")


def meant(plan: Cooperative, wanted: str) -> MemberPart:
    """The one member whose key, first name, full name, representative or beginning of a name ``wanted`` is; case and
    accents do not count. Raises Trouble."""
    everybody = plan.everybody.values()
    plain = _plain(wanted)
    exact = [one for one in everybody if plain in _names(one)]
    found = exact or [one for one in everybody if plain and any(name.startswith(plain) for name in _names(one))]
    if not found:
        raise Trouble("link.unknown", name=wanted, names=", ".join(one.name for one in everybody))
    if len(found) > 1:
        raise Trouble("link.ambiguous", name=wanted, names=", ".join(one.name for one in found))
    return found[0]


def _names(member: MemberPart) -> set[str]:
    known = {member.key, member.name, member.called, member.representative or member.name, member.email}
    return {_plain(name) for name in known}


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
