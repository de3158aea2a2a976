"""Letters to members: by the mail server that is set, else on the console of whoever runs the service."""

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from html import escape
from typing import Final, Protocol, TextIO
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.foundation.language import Language, text

_ENCRYPTION: Final[Mapping[str, tuple[bool, bool, int]]] = {
    "smtp": (False, False, 25),
    "smtp+tls": (False, True, 587),
    "smtps": (True, False, 465),
}
"""By scheme: encrypted from the start, encrypted by STARTTLS, usual port."""


_log = logging.getLogger("cercle.mail")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person, with the one address of a page that it is about, if any."""

    to: str
    language: Language
    subject: str
    before: str
    link: str = ""
    button: str = ""
    after: str = ""

    def plain(self) -> str:
        """The letter as plain text."""
        return "\n\n".join(part for part in (self.before, self.link, self.after) if part) + "\n"

    def html(self) -> str:
        """The same as a simple page: no picture, nothing fetched from anywhere."""
        before, after = _paragraphs(self.before), _paragraphs(self.after)
        link = f'<p><a href="{escape(self.link)}">{escape(self.button)}</a></p>' if self.link else ""
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head><body>{before}{link}{after}</body></html>"
        )


class Mailer(Protocol):
    """What takes letters away."""

    async def send(self, letter: Letter) -> None:
        """Send one letter; raises OSError or aiosmtplib.SMTPException when it cannot."""
        ...


class ConsoleMailer:
    """Prints letters: for a machine of one's own, where whoever reads the console may sign in as anybody."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def send(self, letter: Letter) -> None:
        stream = self._stream or sys.stdout
        stream.write(f"\n{letter.to} · {letter.subject}\n{letter.link or letter.before}\n\n")
        stream.flush()


class PostMailer:
    """Sends letters by SMTP: ``smtp`` in clear, ``smtp+tls`` with STARTTLS, ``smtps`` encrypted from the start."""

    def __init__(self, url: str, sender: str, *, timeout: int = 20) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _ENCRYPTION or parts.hostname is None:
            raise ValueError(f"a mail server is smtp://, smtp+tls:// or smtps://host, not {parts.scheme}://")
        self._tls, self._starttls, usual_port = _ENCRYPTION[parts.scheme]
        self._host, self._port = parts.hostname, parts.port or usual_port
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender
        self._timeout = timeout

    async def send(self, letter: Letter) -> None:
        await aiosmtplib.send(
            self._message(letter),
            recipients=[letter.to],
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            start_tls=self._starttls,
            timeout=self._timeout,
        )

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip(">") or "localhost")
        message["Content-Language"] = letter.language
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.plain())
        message.add_alternative(letter.html(), subtype="html")
        return message


def mailer(url: str, sender: str) -> Mailer:
    """The mailer of an installation: SMTP when ``url`` names a server, else the console. Raises ValueError."""
    return PostMailer(url, sender) if url else ConsoleMailer()


async def deliver(mailer: Mailer, letter: Letter) -> None:
    """Have a letter taken away. One that cannot be sent is logged, without its address."""
    try:
        await mailer.send(letter)
    except (OSError, aiosmtplib.SMTPException) as error:
        _log.error("a letter could not be sent: %s", type(error).__name__)


def sign_in_letter(to: str, language: Language, facts: Mapping[str, object], link: str) -> Letter:
    """The letter with a sign-in link; ``facts``: ``name``, ``organisation``, ``minutes``."""
    return Letter(
        to=to,
        language=language,
        subject=text("mail.sign_in_subject", language, facts),
        before=text("mail.sign_in_before", language, facts),
        link=link,
        button=text("mail.sign_in_button", language, facts),
        after=text("mail.sign_in_after", language, facts),
    )


def notice(to: str, language: Language, code: str, facts: Mapping[str, object]) -> Letter:
    """A letter without a link: ``mail.<code>_subject`` and ``mail.<code>`` with their facts."""
    return Letter(to, language, text(f"mail.{code}_subject", language, facts), text(f"mail.{code}", language, facts))


def _paragraphs(words: str) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in words.split("\n\n") if one)
