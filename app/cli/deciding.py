"""Which decision rules are installed: what a circle can choose from."""

from typing import Annotated

import typer

from app.cli.failures import explained
from app.cli.screen import Screen


def rules(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    screen = Screen(context.obj, as_json)
    with explained(screen):
        from app.rules.catalogue import Catalogue

        catalogue = Catalogue.load()
        rows = []
        for rule in catalogue.rules():
            words = catalogue.texts(rule.slug, rule.version, screen.language)
            rows.append(
                {
                    "slug": rule.slug,
                    "version": rule.version,
                    "title": words["title"],
                    "description": words["description"],
                    "reference_digest": catalogue.reference_digest(rule.slug, rule.version),
                    "provided_by": "cercle" if rule.__module__.startswith("app.") else rule.__module__,
                }
            )
    screen.listing(rows, ("slug", "version", "title", "provided_by"), nothing="no_rule")
