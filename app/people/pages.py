"""The two small pages of signing in, in English and French, without script, picture or anything fetched."""

import base64
import hashlib
from html import escape
from typing import Final

from app.foundation.language import Language, text

_STYLE: Final = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:3rem 1.25rem;"
    "color:#1b1b1f;background:#fff}"
    "h1{font-size:1.5rem}"
    "button{font:inherit;width:100%;padding:.85rem 1rem;border:0;border-radius:.5rem;background:#1d4ed8;color:#fff;"
    "cursor:pointer}"
    "button:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#f4f4f5;background:#18181b}}"
)
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # Not "no-referrer": browsers would then hide the form's origin, and a plain http installation could not check it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


def button_page(language: Language, token: str) -> str:
    """The page whose button sends ``token``."""
    return _page(
        language,
        f"<p>{escape(text('page.why_a_button', language))}</p>"
        '<form method="post" action="/sign-in">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f"<button>{escape(text('page.button', language))}</button></form>",
    )


def message_page(language: Language, said: str) -> str:
    """A page that says one thing."""
    return _page(language, f'<p role="status">{escape(said)}</p>')


def _page(language: Language, body: str) -> str:
    title = escape(text("page.title", language))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
