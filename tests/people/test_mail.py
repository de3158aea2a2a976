"""Letters leave by a real mail server, or are printed; each names one link and nothing is fetched to read it."""

import asyncio
import email
import io
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.people.mail import ConsoleMailer, Letter, PostMailer, mailer, sign_in_letter
from tests.people.cooperative import ON_SQLITE, Cooperative

_LINK = "http://127.0.0.1:8000/sign-in?token=cercle_link_x"
_FACTS = {"name": "Zoé <Chevalier>", "organisation": "Scic Ardoise", "minutes": 15}


class Postbox:
    """What a mail server has taken in."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the server's name
        if not session.authenticated:
            return "530 Authentication required"
        message = email.message_from_bytes(envelope.content, policy=default)
        self.received.append((envelope.rcpt_tos, message))
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    def authenticate(_s: Any, _session: Any, _e: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"cercle", b"p@ss")
        return AuthResult(success=right)

    box, port = Postbox(), _free_port()
    server = Controller(box, hostname="127.0.0.1", port=port, authenticator=authenticate, auth_require_tls=False)
    server.start()
    yield box, port
    server.stop()


async def test_a_letter_arrives(postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    sending = PostMailer(f"smtp://cercle:p%40ss@127.0.0.1:{port}", "Cercle <cercle@ardoise.example>")
    await sending.send(sign_in_letter("zoe@ardoise.example", "fr", _FACTS, _LINK))
    ((recipients, message),) = box.received
    plain, html = (cast(EmailMessage, part) for part in message.iter_parts())
    assert recipients == ["zoe@ardoise.example"]
    assert message["Subject"] == "Votre lien de connexion à Scic Ardoise"
    assert message["Message-ID"].endswith("@ardoise.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert _LINK in plain.get_content()
    assert f'href="{_LINK}"' in html.get_content()
    assert "Zoé &lt;Chevalier&gt;" in html.get_content()
    assert "<img" not in html.get_content()


@ON_SQLITE
async def test_a_member_asks_and_the_server_delivers(cooperative: Cooperative, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    url = f"smtp://cercle:p%40ss@127.0.0.1:{port}"
    cooperative.application.state.mailer = mailer(url, "cercle@ardoise.example")
    async with cooperative.client() as client:
        await client.post("/v1/sign-in-links", json={"organisation": "ardoise", "email": "salome@ardoise.example"})
        plain = cast(EmailMessage, next(iter(box.received[0][1].iter_parts()))).get_content()
        token = plain.partition("token=")[2].split()[0]
        assert (await client.post("/v1/sessions", json={"token": token})).status_code == 201


@ON_SQLITE
async def test_a_silent_mail_server_is_logged_without_the_address(
    cooperative: Cooperative, caplog: pytest.LogCaptureFixture
) -> None:
    cooperative.application.state.mailer = mailer(f"smtp://127.0.0.1:{_free_port()}", "cercle@ardoise.example")
    async with cooperative.client() as client:
        answer = await client.post(
            "/v1/sign-in-links", json={"organisation": "ardoise", "email": "salome@ardoise.example"}
        )
    assert answer.status_code == 202
    assert "could not be sent" in caplog.text
    assert "salome" not in caplog.text


async def test_without_a_server_the_link_is_printed() -> None:
    stream = io.StringIO()
    await ConsoleMailer(stream).send(sign_in_letter("ana@ardoise.example", "en", _FACTS, _LINK))
    assert stream.getvalue().splitlines()[1:3] == [
        "ana@ardoise.example · Your sign-in link for Scic Ardoise",
        _LINK,
    ]


async def test_the_console_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    await mailer("", "cercle@localhost").send(sign_in_letter("ana@ardoise.example", "en", _FACTS, _LINK))
    assert _LINK in capsys.readouterr().out


@pytest.mark.parametrize("url", ["http://127.0.0.1", "smtp://", "mail.example:25"])
def test_only_mail_servers_are_accepted(url: str) -> None:
    with pytest.raises(ValueError, match="a mail server is"):
        mailer(url, "cercle@localhost")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
async def test_a_letter_never_leaves_in_clear_when_encryption_is_asked(
    postbox: tuple[Postbox, int], scheme: str
) -> None:
    box, port = postbox
    sending = PostMailer(f"{scheme}://cercle:p%40ss@127.0.0.1:{port}", "cercle@localhost", timeout=2)
    letter: Letter = sign_in_letter("ana@ardoise.example", "en", _FACTS, _LINK)
    with pytest.raises(Exception, match=r"(?i)tls|ssl|time|connect|read"):
        await asyncio.wait_for(sending.send(letter), 10)
    assert box.received == []


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
