"""Measures Cercle beside plain baselines, on databases of its own, and prints medians and ratios.

`uv run python -m tests.benchmarks --help`
"""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.benchmarks import report
from tests.benchmarks.plan import BASELINES, CHOICES, Options
from tests.benchmarks.session import measure

_ONLY = "Keep the cases these words name, separated by commas: " + "; ".join(" ".join(sorted(k)) for k in CHOICES)


def main(
    *,
    rounds: Annotated[int, typer.Option(help="How often each case is measured.", min=1)] = 3,
    secs: Annotated[int, typer.Option(help="Seconds of each measurement.", min=1)] = 3,
    conc: Annotated[str, typer.Option(help="Numbers of connections.")] = "1,16,64",
    only: Annotated[str, typer.Option(help=_ONLY)] = "",
    json: Annotated[Path | None, typer.Option(help="Write everything to this file as well.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the databases live; its disk is measured.")] = None,
) -> None:
    """Measure Cercle beside plain baselines. Each round goes through all cases, so that all share the same hour."""
    words = frozenset(filter(None, only.split(",")))
    unknown = words - frozenset().union(*CHOICES)
    if unknown:
        raise typer.BadParameter(f"nothing is called {', '.join(sorted(unknown))}", param_hint="--only")
    options = Options(rounds, secs, tuple(map(int, conc.split(","))), words)
    with tempfile.TemporaryDirectory(prefix="cercle-benchmark-", dir=folder) as name:
        record = measure(options, Path(name), lambda line: print(line, file=sys.stderr, flush=True))
    report.show(record, report.console())
    if json:
        report.write(record, json)
    if not all(run.valid for run in record.runs if run.group != BASELINES):
        sys.exit("A case of ours had failures: its numbers do not count.")


if __name__ == "__main__":
    typer.run(main)
