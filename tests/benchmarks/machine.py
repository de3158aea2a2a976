"""What the processes of a contestant cost the machine: CPU, memory, and how fast the disk below really is (Linux)."""

import os
import platform
import shutil
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_MEGABYTE = 1_000_000


def cpu_seconds(root: int) -> float:
    """User and system seconds used so far by a process, its living descendants and those they have reaped."""
    return sum(sum(_stat(pid)[1:]) for pid in tree(root)) / _TICKS


def busy_seconds() -> float:
    """Seconds of all cores of the machine spent on anything but waiting, since it started."""
    fields = [int(value) for value in (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / _TICKS


def memory(root: int) -> tuple[int, float, float]:
    """Processes of a tree, their memory together, and the largest one's alone, in megabytes.

    Pages shared between processes are divided among them for the sum (PSS); the largest process is counted whole
    (RSS), because that is what an operator reads in `top`.
    """
    pids = tree(root)
    rollups = [_rollup(pid) for pid in pids]
    return len(pids), sum(pss for pss, _ in rollups), max((rss for _, rss in rollups), default=0.0)


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            children.setdefault(_stat(int(entry.name))[0], []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def parent(pid: int) -> int:
    """The process that started this one; 0 if it is gone or not of this machine."""
    return _stat(pid)[0]


def describe(folder: Path) -> dict[str, str]:
    """The conditions without which the absolute numbers say nothing."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load generator": "wrk" if shutil.which("wrk") else "asyncio replay (install wrk for a lighter one)",
        "disk": f"{_flushes_per_second(folder):,.0f} flushed appends of 512 bytes per second under {folder}",
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _flushes_per_second(folder: Path, seconds: float = 1.0) -> float:
    path = folder / "flush"
    count, began = 0, time.perf_counter()
    with path.open("ab", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            file.write(b"x" * 512)
            os.fdatasync(file.fileno())
            count += 1
    elapsed = time.perf_counter() - began
    path.unlink()
    return count / elapsed


def _stat(pid: int) -> tuple[int, int, int, int, int]:
    """Parent, then user and system ticks of the process and of the children it has reaped; zeros once it is gone."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0, 0, 0, 0
    return int(fields[1]), int(fields[11]), int(fields[12]), int(fields[13]), int(fields[14])


def _rollup(pid: int) -> tuple[float, float]:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    sizes = {name: int(rest.split()[0]) * 1024 / _MEGABYTE for name, _, rest in (li.partition(":") for li in lines[1:])}
    return sizes.get("Pss", 0.0), sizes.get("Rss", 0.0)
