"""Our own load generator sends each line once, in order, and counts every kind of answer for what it is."""

import asyncio
import itertools

from tests.benchmarks.replay import Replay, parse, percentile, replay

_ANSWERS = (
    b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 1\r\n\r\nx",
    b"",
)


def test_a_line_becomes_a_request() -> None:
    assert parse("POST\t/a?b=c\tX-One: 1||X-Two: 2\t{}\n", "h") == (
        b"POST /a?b=c HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nX-Two: 2\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert parse("GET\t/\t\t", "h") == b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (50.0, 99.0, 7.0)
    assert percentile([], 0.5) == 0.0


async def test_every_answer_is_counted_and_no_line_is_sent_twice() -> None:
    """Of five answers, three are good, one is a refusal, and one is a connection closed without a word."""
    received: list[bytes] = []
    answers = itertools.cycle(_ANSWERS)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                received.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
            except asyncio.IncompleteReadError:
                break
            answer = next(answers)
            writer.write(answer)
            if not answer or b"close" in answer:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lines = [parse(f"GET\t/{number}\t\t", "h") for number in range(100_000)]
    replaying = Replay(lines, start=7, seconds=0.2)
    async with server:
        await replay(replaying, port, connections=1)

    told = replaying.outcome()
    assert received == [f"/{number}".encode() for number in range(7, 7 + len(received))]
    assert told["sent"] == len(received) == told["good"] + told["refused"] + told["broken"]
    assert len(received) >= len(_ANSWERS)
    assert told["broken"] == len(received) // 5
    assert told["refused"] == (len(received) + 1) // 5


async def test_a_server_that_is_not_there_breaks_connections_and_answers_nothing() -> None:
    replaying = Replay([b"GET / HTTP/1.1\r\n\r\n"], start=0, seconds=0.05)
    await replay(replaying, port=1, connections=2)
    assert replaying.broken > 0
    assert (replaying.good, replaying.sent) == (0, 0)
