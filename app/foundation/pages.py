"""The few pages that the service shows itself: small, self-contained, readable on a phone."""

from html import escape

from app.foundation.language import Language

_STYLE = """
:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.15rem}
code{overflow-wrap:anywhere}
button{font:inherit;padding:.7rem 1.2rem;border-radius:.5rem;border:1px solid currentColor;cursor:pointer}
"""


def html_page(language: Language, title: str, body: str) -> str:
    """A whole page; ``title`` is escaped, ``body`` is markup made by the caller."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
