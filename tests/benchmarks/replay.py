"""Replays a file of requests over raw sockets where wrk is not installed, and prints what came back as JSON.

`python -m tests.benchmarks.replay PORT FILE START CONNECTIONS SECONDS`
"""

import asyncio
import json
import math
import sys
import time
from pathlib import Path

import uvloop


class Replay:
    """A file of requests shared by all connections: each takes the next line, the file wraps around."""

    def __init__(self, requests: list[bytes], start: int, seconds: float) -> None:
        self.requests = requests
        self.position = start
        self.sent = self.good = self.refused = self.broken = 0
        self.latencies: list[float] = []
        self.began = time.perf_counter()
        self.end = self.began + seconds

    def next(self) -> bytes:
        """The next request."""
        request = self.requests[self.position % len(self.requests)]
        self.position += 1
        self.sent += 1
        return request

    def answered(self, status: int, seconds: float) -> None:
        """Count one whole answer."""
        if 200 <= status < 300:
            self.good += 1
        else:
            self.refused += 1
        self.latencies.append(seconds)

    def outcome(self) -> dict[str, float]:
        """What came back, latencies in milliseconds."""
        ordered = sorted(self.latencies)
        return {
            "seconds": time.perf_counter() - self.began,
            "sent": self.sent,
            "good": self.good,
            "refused": self.refused,
            "broken": self.broken,
            "p50_ms": percentile(ordered, 0.50) * 1000,
            "p99_ms": percentile(ordered, 0.99) * 1000,
        }


def parse(line: str, host: str) -> bytes:
    """The bytes of one request line: METHOD, PATH, `H1: v1||H2: v2` and BODY, separated by tabs."""
    method, path, headers, body = line.rstrip("\n").split("\t", 3)
    content = body.encode()
    named = [f"Host: {host}", *(part for part in headers.split("||") if part)]
    if content:
        named.append(f"Content-Length: {len(content)}")
    return "\r\n".join([f"{method} {path} HTTP/1.1", *named, "", ""]).encode() + content


def percentile(ordered: list[float], share: float) -> float:
    """The smallest value that at least `share` of the ordered values do not exceed; 0 when there is none."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0


async def replay(replaying: Replay, port: int, connections: int) -> None:
    """Keep `connections` requests in flight until the time is over."""
    await asyncio.gather(*(_keep_asking(replaying, port) for _ in range(connections)))


async def _keep_asking(replaying: Replay, port: int) -> None:
    while time.perf_counter() < replaying.end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            replaying.broken += 1
            await asyncio.sleep(0.01)
            continue
        try:
            await _converse(replaying, reader, writer)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            replaying.broken += 1
        finally:
            writer.close()


async def _converse(replaying: Replay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask on one connection until the time is over or the server wants a new one."""
    kept_open = True
    while kept_open and time.perf_counter() < replaying.end:
        began = time.perf_counter()
        writer.write(replaying.next())
        status, kept_open = await _read_answer(reader)
        replaying.answered(status, time.perf_counter() - began)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Status of the answer, and whether the connection stays open; the body is read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status_line, *lines = head.split("\r\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "chunked" in headers.get("transfer-encoding", ""):
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))
    return int(status_line.split()[1]), headers.get("connection") != "close"


def main(arguments: list[str]) -> None:
    """Replay as the arguments say and write the outcome to standard output."""
    port, start, connections = int(arguments[0]), int(arguments[2]), int(arguments[3])
    with Path(arguments[1]).open() as file:
        requests = [parse(line, f"127.0.0.1:{port}") for line in file]
    replaying = Replay(requests, start, float(arguments[4]))
    uvloop.run(replay(replaying, port, connections))
    sys.stdout.write(json.dumps(replaying.outcome()))


if __name__ == "__main__":
    main(sys.argv[1:])
