"""Shows a finished benchmark: tables for people, one JSON document for everything else."""

import dataclasses
import json
import statistics
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import summary
from tests.benchmarks.plan import Record

_WIDTH = 150


def show(record: Record, console: Console) -> None:
    """Print setting, medians, ratios, cost by size, starts, and the aims."""
    for name, value in record.setting.items():
        console.print(f"[bold]{name}[/]: {value}")
    tables = (_medians(record), _ratios(record), _costs(record), _starts(record), _aims(record))
    for table in tables:
        if table.row_count:
            title, table.title = table.title, None
            console.print(f"\n[bold]{title}[/]")
            console.print(table)


def write(record: Record, file: Path) -> None:
    """Write every measurement and all that was drawn from them as JSON."""
    costs = [
        {"database": database, "operation": operation, "proposals": size, "cpu_ms": spent, "rate": rate}
        for (database, operation), by_size in summary.costs(record.runs).items()
        for size, (spent, rate) in by_size.items()
    ]
    document = {
        "setting": record.setting,
        "medians": [dataclasses.asdict(row) for row in summary.rows(record.runs)],
        "ratios": [dataclasses.asdict(ratio) for ratio in summary.ratios(record.runs)],
        "costs": costs,
        "starts": [dataclasses.asdict(start) for start in record.starts],
        "aims": [dataclasses.asdict(aim) for aim in summary.aims(record)],
        "runs": [{**dataclasses.asdict(run), "valid": run.valid} for run in record.runs],
    }
    file.write_text(json.dumps(document, indent=1) + "\n")


def console() -> Console:
    """Standard output, wide enough for the tables even where it is no terminal."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=_WIDTH)


def _medians(record: Record) -> Table:
    table = _table("Medians (CPU in ms a request; others = cores busy with something else)")
    for heading in ("database", "contestant", "operation"):
        table.add_column(heading)
    for heading in ("conn.", "req/s", "min–max", "p50 ms", "p99 ms", "server CPU", "database CPU", "others", "not 2xx"):
        table.add_column(heading, justify="right")
    for row in summary.rows(record.runs):
        table.add_row(
            row.database,
            row.contestant,
            row.operation,
            str(row.connections),
            f"{row.rate:,.0f}",
            f"{row.lowest:,.0f}–{row.highest:,.0f}" if row.rounds > 1 else "",
            *map(_number, (row.p50_ms, row.p99_ms, row.server_cpu_ms, row.database_cpu_ms, row.other_cores)),
            str(row.not_2xx) if row.valid else f"[red]{row.not_2xx} INVALID[/]",
        )
    return table


def _ratios(record: Record) -> Table:
    table = _table("Ratios of requests per second (median of the rounds; ! = one side had failures)")
    for heading in ("database", "operation", "compared"):
        table.add_column(heading)
    found = summary.ratios(record.runs)
    levels = sorted({ratio.connections for ratio in found})
    for level in levels:
        table.add_column(f"{level} conn.", justify="right")
    lines: dict[tuple[str, str, str], dict[int, str]] = {}
    for ratio in found:
        line = lines.setdefault((ratio.database, ratio.operation, f"{ratio.contestant} / {ratio.against}"), {})
        spread = f" ({ratio.lowest:.2f}–{ratio.highest:.2f})" if ratio.lowest < ratio.highest else ""
        line[ratio.connections] = f"{ratio.median:.2f}{spread}{'' if ratio.sound else ' !'}"
    for names, line in lines.items():
        table.add_row(*names, *(line.get(level, "") for level in levels))
    return table


def _costs(record: Record) -> Table:
    table = _table("Cost of a request by the number of proposals (CPU ms of service and database; requests per second)")
    table.add_column("database")
    table.add_column("operation")
    found = summary.costs(record.runs)
    sizes = sorted({size for by_size in found.values() for size in by_size})
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    for names, by_size in found.items():
        shown = {size: f"{spent:.2f} ms, {rate:,.0f}/s" for size, (spent, rate) in by_size.items()}
        table.add_row(*names, *(shown.get(size, "") for size in sizes))
    return table


def _starts(record: Record) -> Table:
    table = _table("Start and memory")
    for heading in ("database", "contestant", "start to first 200, ms"):
        table.add_column(heading)
    for heading in ("processes", "together MB (PSS)", "largest MB (RSS)", "restarted when stuck"):
        table.add_column(heading, justify="right")
    for start in record.starts:
        each = ", ".join(f"{value:,.0f}" for value in start.cold_start_ms)
        median = f"{statistics.median(start.cold_start_ms):,.0f} ({each})"
        table.add_row(
            start.database,
            start.contestant,
            median,
            str(start.processes),
            f"{start.pss_mb:.0f}",
            f"{start.largest_process_mb:.0f}",
            str(start.restarts or ""),
        )
    return table


def _aims(record: Record) -> Table:
    table = _table("Aims (at 16 connections)")
    for heading in ("aim", "found", "reached"):
        table.add_column(heading)
    known = [aim for aim in summary.aims(record) if aim.found is not None]
    for aim in known:
        table.add_row(aim.promise, _number(aim.found), "yes" if aim.reached else "[red]NO[/]")
    return table


def _table(title: str) -> Table:
    return Table(title=title)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"
