"""What every endpoint of this room gets: the exchange, who calls, a session, and the time."""

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.foundation.language import Language
from app.foundation.problems import language_of
from app.foundation.routing import Read, Write
from app.people.signin import Caller, Now
from app.rules.catalogue import Catalogue


class Exchange:
    """One request and its answer."""

    def __init__(self, request: Request, response: Response, caller: Caller, session: AsyncSession, now: Now) -> None:
        self.request = request
        self.response = response
        self.caller = caller
        self.session = session
        self.now = now

    @property
    def rules(self) -> Catalogue:
        """The decision rules that are installed."""
        found: Catalogue = self.request.app.state.catalogue
        return found

    @property
    def language(self) -> Language:
        """The language that the caller reads."""
        return language_of(self.request)


def _look(request: Request, response: Response, caller: Caller, session: Read, now: Now) -> Exchange:
    return Exchange(request, response, caller, session, now)


def _turn(request: Request, response: Response, caller: Caller, session: Write, now: Now) -> Exchange:
    return Exchange(request, response, caller, session, now)


Look = Annotated[Exchange, Depends(_look)]
"""An exchange that reads."""
Turn = Annotated[Exchange, Depends(_turn)]
"""An exchange that changes something, in the request's one transaction."""
