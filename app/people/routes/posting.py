"""A change that somebody is written to about: its transaction, and letters that leave once that is committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request

from app.foundation.database import Session
from app.foundation.routing import Write
from app.people.mail import Letter, Mailer, deliver


@dataclass(frozen=True, slots=True)
class Post:
    """The transaction of the request, with the letters that follow from it."""

    session: Session
    mailer: Mailer
    background: BackgroundTasks

    def send(self, letters: Sequence[Letter]) -> None:
        """Have the letters sent after the answer; a transaction that fails sends none."""
        for letter in letters:
            self.background.add_task(deliver, self.mailer, letter)


async def _post(request: Request, session: Write, background: BackgroundTasks) -> Post:
    return Post(session, request.app.state.mailer, background)


Posting = Annotated[Post, Depends(_post)]
