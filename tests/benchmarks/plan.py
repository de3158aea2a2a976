"""The words of a benchmark run: who is measured, doing what, against which database, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

POSTGRESQL = "postgresql"
SQLITE = "sqlite"

BALLOT = "ballot"
POSITION = "position"
DETAIL = "detail"
LIST = "list"
INSERT = "insert"

BASELINES = "baselines"
OURS = "ours"
COST = "cost"

COST_CONNECTIONS = 16
COST_SIZES = (10, 1_000, 100_000)

# Words by which cases are chosen, by kind: group, database, operation, contestant.
CHOICES = (
    frozenset({BASELINES, OURS, COST}),
    frozenset({POSTGRESQL, SQLITE}),
    frozenset({BALLOT, POSITION, DETAIL, LIST, INSERT}),
    frozenset({"func", "drf", "sqlmodel", "raw", "cercle"}),
)


@dataclass(frozen=True)
class Options:
    """What the caller asked for: seconds per measurement, connection counts, rounds, and which cases to keep."""

    rounds: int
    secs: int
    connections: tuple[int, ...]
    only: frozenset[str]

    def wants(self, *words: str) -> bool:
        """A case is kept unless it is of a kind of which other words were given and not its own."""
        asked = set(words)
        return all(not self.only & kind or not asked & kind or bool(self.only & kind & asked) for kind in CHOICES)

    def lines_for(self, rate: int, connections: int) -> int:
        """Request lines that `rate` requests a second use up over all rounds at `connections` levels, warm-up too."""
        return rate * (self.secs * self.rounds * connections + 2)


@dataclass(frozen=True)
class Targets:
    """A replay file: METHOD, PATH, headers and body, separated by tabs; `once` if no line may be sent twice."""

    file: Path
    lines: int
    once: bool = False


@dataclass(frozen=True)
class Contestant:
    """A server to start and what to ask of it.

    `{port}` in `command` is replaced by a free port. The server answers 200 on `/healthz` once it is ready.
    `proposals` is the size of its database where the cost at several sizes is compared, else None.
    """

    name: str
    group: str
    database: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    targets: Mapping[str, Targets]
    proposals: int | None = None

    @property
    def label(self) -> str:
        """Name that tells the size apart too: `cercle@1000`."""
        return self.name if self.proposals is None else f"{self.name}@{self.proposals}"


@dataclass(frozen=True)
class Load:
    """What the load generator saw: answers by kind, rate of the 2xx answers per second, latencies in milliseconds."""

    seconds: float
    sent: int
    good: int
    refused: int
    broken: int
    p50_ms: float | None
    p99_ms: float | None

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return self.good / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Run:
    """One measurement: a case in one round. CPU is in milliseconds per answered request, cores are busy cores."""

    contestant: str
    group: str
    database: str
    operation: str
    connections: int
    round: int
    load: Load
    server_cpu_ms: float | None = None
    database_cpu_ms: float | None = None
    other_cores: float | None = None
    reused_lines: bool = False
    proposals: int | None = None

    @property
    def valid(self) -> bool:
        """Only 2xx answers, no broken connection, and no line sent twice that may be sent once."""
        return self.load.good > 0 and not (self.load.refused or self.load.broken or self.reused_lines)


@dataclass(frozen=True)
class Start:
    """How long a contestant took from the start of its process to its first 200, and what it held in memory.

    `restarts` counts how often a load left it unable to answer, so that it had to be started again.
    """

    contestant: str
    database: str
    cold_start_ms: tuple[float, ...]
    processes: int = 0
    pss_mb: float = 0.0
    largest_process_mb: float = 0.0
    restarts: int = 0


@dataclass
class Record:
    """All that a run of the benchmark found."""

    setting: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
