"""Every exception to the rules of the house, in one place and each with its reason; a needless one fails too."""

from typing import Final

ROOMLESS_FILES: Final = frozenset(
    {"base", "common", "helper", "helpers", "manager", "managers", "misc", "service", "services", "util", "utils"}
)
"""Names that say nothing about what is inside."""

COMMITS_HERE: Final = "app/foundation/database.py"

READ_THE_CLOCK: Final[dict[str, str]] = {
    "app/foundation/clock.py": "the clock that everybody else is given",
    "app/foundation/ids.py": "the first bits of an identifier order rows on disk; nothing is decided by them",
}
"""Files that ask the machine for the time, and why."""

MORE_ACTION_MODULES: Final[tuple[str, ...]] = ()
"""Modules of actions beside every room's ``actions``: where a room's verbs outgrew one file."""

OTHER_PRIMARY_KEYS: Final[dict[str, str]] = {
    "credential": "looked up by digest before it is known who asks, and for which organisation",
    "journal_event": "its position orders insertions over the whole service",
}
"""Tables whose primary key does not start with the organisation, and why; their other keys do."""

TENANT_TABLE: Final = "organisation"
"""The table whose own key is what ``organisation_id`` means everywhere else."""

NUMBERED_TABLES: Final[dict[str, str]] = {
    "journal_event": "its position is given by the database, in the order of insertion",
}
"""Tables with a number given by the database, and why; everywhere else the service makes the identifiers."""

EVENTLESS_ACTIONS: Final[dict[str, str]] = {}
"""Actions that change nothing that is governed, as ``module:function``, and why."""

PUBLIC_ENDPOINTS: Final[dict[str, str]] = {
    "healthz": "says only that the process runs",
    "readyz": "asked by the machine that restarts it, which has no account",
    "welcome": "leads to the documentation",
    "docs": "the documentation of the API holds nobody's data",
    "explain_problem": "whoever is refused may read what the refusal means",
    "request_sign_in_link": "nobody is signed in before they have signed in",
    "open_session": "idem: it consumes the link",
    "show_sign_in": "idem: the page that a link leads to",
    "sign_in_by_form": "idem: the same without JavaScript",
}
"""Endpoints open to anybody, by function name, and why."""
