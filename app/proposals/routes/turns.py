"""What every endpoint of this room gets: the exchange, who calls, a session, and the time."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from app.foundation.database import Passing, Session
from app.foundation.language import Language
from app.foundation.problems import language_of
from app.foundation.routing import Read, Write
from app.journal.actor import Actor
from app.people.signin import Caller
from app.rules.catalogue import Catalogue


class Exchange:
    """One request and its answer."""

    def __init__(self, request: Request, response: Response, caller: Actor) -> None:
        self.request = request
        self.response = response
        self.caller = caller
        self.now: datetime = request.app.state.clock.now()

    @property
    def rules(self) -> Catalogue:
        """The decision rules that are installed."""
        found: Catalogue = self.request.app.state.catalogue
        return found

    @property
    def language(self) -> Language:
        """The language that the caller reads."""
        return language_of(self.request)

    @property
    def passing(self) -> Passing:
        """For what is seldom asked beside the one statement of a page."""
        found: Passing = self.request.app.state.database.passing
        return found


class Sitting(Exchange):
    """An exchange with a session."""

    def __init__(self, request: Request, response: Response, caller: Actor, session: Session) -> None:
        super().__init__(request, response, caller)
        self.session = session


async def _ask(request: Request, response: Response, caller: Caller) -> Exchange:
    return Exchange(request, response, caller)


async def _look(request: Request, response: Response, caller: Caller, session: Read) -> Sitting:
    return Sitting(request, response, caller, session)


async def _turn(request: Request, response: Response, caller: Caller, session: Write) -> Sitting:
    return Sitting(request, response, caller, session)


Glance = Annotated[Exchange, Depends(_ask)]
"""An exchange that needs no session: what is asked most is read in shared lots."""
Look = Annotated[Sitting, Depends(_look)]
"""An exchange that reads."""
Turn = Annotated[Sitting, Depends(_turn)]
"""An exchange that changes something, in the request's one transaction."""
