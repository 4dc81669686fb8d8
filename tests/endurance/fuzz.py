"""Sends mutated responses to the client, and reports every exception that is not documented.

    python -m tests.endurance.fuzz --count 1000000 --seed 1

A server in a process of its own answers each request with a valid response that is changed at random: its status,
headers or body, other JSON, cuts. Case N of a seed is always the same: `--first N --count 1` runs it alone. The
address of each request names its case (`http://127.0.0.1:PORT/N/api/...`).
"""

import argparse
import asyncio
import collections
import gzip
import json
import logging
import multiprocessing
import os
import random
import resource
import shutil
import socket
import socketserver
import sys
import tempfile
import threading
import time
import traceback
import zlib
from contextlib import suppress
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

import socketio

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuException

#: Seconds without an end of a case that count as a hang.
HANG_SECONDS = 30
TIMEOUT_SECONDS = 0.5

ROW = {"id": "2d3a8c0e-1f7b-4c55-9a64-0e3bd2a1f001", "name": "SH010", "type": "Shot", "data": {"fps": "25"}, "total": 1}
EVENT = {"id": ROW["id"], "name": "shot:new", "created_at": "2026-11-01T10:00:00", "data": {"shot_id": ROW["id"]}}
BODIES: List[Any] = [
    [ROW, {**ROW, "id": "2d3a8c0e-1f7b-4c55-9a64-0e3bd2a1f002", "name": None}],
    ROW,
    [EVENT],
    {"data": [ROW], "nb_pages": 2, "total": 2, "limit": 1, "page": 1, "offset": 0},
    {"access_token": "a.b.c", "refresh_token": "d.e.f", "login": True, "user": ROW},
    {"version": "1.0.97", "api": "Zou"},
    {"message": "Signature has expired"},
    {"message": "No", "data": {"errors": [{"field": "name", "message": "taken"}]}},
    {"error": True, "msg": "Not enough segments", "login": False, "missing_OTP": True},
    [],
]
SHAPES: List[Any] = [
    None, True, 0, -1, 1.5, 10**40, "", "text", [], {}, [None], [[]], [1, "a"], {"data": None}, {"data": {}},
    {"id": None}, [{}], {"user": None}, {"user": []}, {"access_token": 5}, {"version": None}, {"nb_pages": "x"},
    {"data": [None], "nb_pages": -3, "total": "1"}, {"message": ["list"]}, {"message": {"a": 1}}, {"data": {"errors": 5}},
    {"data": {"errors": ["text", None]}, "message": 5}, {"error": {"a": []}}, {"data": [ROW], "nb_pages": 1e300, "total": 5},
]  # fmt: skip
STATUSES = [100, 101, 102, 103, 200, 201, 202, 204, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399]
STATUSES += [400, 401, 402, 403, 404, 405, 408, 409, 413, 416, 418, 422, 423, 425, 429, 451, 499, 500, 501, 502, 503]
STATUSES += [504, 511, 520, 599, 600, 700, 999]
HEADERS: Dict[str, List[str]] = {
    "Content-Length": ["0", "-1", "1", "99999", "1e3", "0x10", "10, 10", "10,11", "18446744073709551616", " ", "abc"],
    "Transfer-Encoding": ["chunked", "gzip, chunked", "identity", "Chunked", "abc", ""],
    "Content-Encoding": ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x", "identity", ""],
    "Content-Type": ["text/html", "application/json; charset=utf-16", "text/plain; charset=none", "", ";;", "image/png"],
    "Location": ["/", "//", "http://", "https://[", "ftp://example.com/", "\u00e9", "?", "http://127.0.0.1:1/", "a b", ""],
    "Retry-After": ["0", "-5", "abc", "1e999", "Fri, 31 Dec 9999 23:59:59 GMT", "99999999999", "", "nan"],
    "ETag": ['"a"', 'W/"a"', "", "a", '"' + "x" * 5000 + '"'],
    "Date": ["Mon, 30 Nov 2026 00:00:00 GMT", "yesterday", "", "Mon, 99 Nov 2026 99:00:00 GMT"],
    "Content-Range": ["bytes 0-3/4", "bytes 5-3/4", "bytes */4", "bytes 1-9999999999999999999/*", "x", ""],
    "Content-Disposition": ["attachment; filename=../../x", "attachment; filename*=UTF-8''%ff", "", "attachment; filename="],
    "Set-Cookie": ["a=b", "=", ";", "a=b; expires=never; domain=.", "\x01"],
    "Connection": ["close", "keep-alive", "upgrade", ""],
    "Accept-Ranges": ["bytes", "none"],
    "WWW-Authenticate": ["Basic", 'Digest realm="x"', ""],
    "Upgrade": ["websocket"],
}  # fmt: skip


# -- responses -----------------------------------------------------------------
def response_of(draw: random.Random) -> Tuple[bytes, bool]:
    """Return the bytes of a response, and whether the connection ends with it."""
    body = body_of(draw)
    status = draw.choice([200, 200, 200, 201, 204, 202, 206, 400, 401, 404, 422, 500, 503])
    if draw.random() < 0.25:
        status = draw.choice(STATUSES)
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Date": HEADERS["Date"][0]}
    close = draw.random() < 0.3
    chance = draw.random()
    if chance < 0.2:
        body = gzip.compress(body) if draw.random() < 0.6 else zlib.compress(body)
        headers.update({"Content-Encoding": draw.choice(["gzip", "deflate"]), "Content-Length": str(len(body))})
    elif chance < 0.35:
        body, close = chunked(draw, body), True
        del headers["Content-Length"]
        headers["Transfer-Encoding"] = "chunked"
    for _ in range(draw.choice([0, 0, 1, 1, 2, 3])):
        close = True
        name = draw.choice(list(HEADERS))
        if draw.random() < 0.2:
            headers.pop(name, None)
        else:
            headers[name] = draw.choice(HEADERS[name])
    lines = [
        f"HTTP/1.1 {status} {draw.choice(['OK', '', 'No way'])}",
        *(f"{k}: {v}" for k, v in headers.items()),
        "",
        "",
    ]
    raw = "\r\n".join(lines).encode("latin-1") + body
    if draw.random() < 0.2:
        return damaged(draw, raw), True
    return raw, close


def body_of(draw: random.Random) -> bytes:
    """Return a body: JSON, other JSON, JSON that is broken, a page, or bytes."""
    chance = draw.random()
    if chance < 0.35:
        return json.dumps(draw.choice(BODIES)).encode()
    if chance < 0.65:
        return json.dumps(changed(draw, draw.choice(BODIES))).encode()
    if chance < 0.75:
        return json.dumps(draw.choice(SHAPES)).encode()
    if chance < 0.85:
        return damaged(draw, json.dumps(draw.choice(BODIES)).encode())
    page = b"<html><h1>502 Bad Gateway</h1></html>"
    numbers = [
        b"[" * 100_000,
        b"9" * 6000,
        b"NaN",
        b"[Infinity, 1e999]",
        b'{"a": 1, "a": 2}',
        b'"\\ud800"',
        b"\xef\xbb\xbf[]",
    ]
    return draw.choice(
        [b"", b"\0" * 10, page, bytes(draw.randrange(256) for _ in range(draw.randrange(400))), *numbers]
    )


def changed(draw: random.Random, value: Any) -> Any:
    """Return *value* with one part of another shape, or missing."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        name = draw.choice(list(value))
        rest = {k: v for k, v in value.items() if k != name}
        return rest if draw.random() < 0.3 else {**rest, name: changed(draw, value[name])}
    if isinstance(value, list) and value and draw.random() < 0.8:
        at = draw.randrange(len(value))
        return [*value[:at], changed(draw, value[at]), *value[at + 1 :]]
    return draw.choice(SHAPES)


def chunked(draw: random.Random, body: bytes) -> bytes:
    """Return *body* in chunks, the last of which, or their sizes, may be wrong."""
    at = draw.randrange(len(body) + 1)
    parts = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:at], body[at:]) if part]
    return b"".join(parts) + draw.choice(
        [b"0\r\n\r\n"] * 6 + [b"", b"x\r\n", b"-1\r\n", b"0\r\nA: b\r\n\r\n", b"ffffffff\r\n"]
    )


def damaged(draw: random.Random, raw: bytes) -> bytes:
    """Return *raw* cut, with bytes changed, doubled or left out."""
    at = draw.randrange(len(raw) + 1)
    how = draw.randrange(4)
    if how == 0:
        return raw[:at]
    if how == 1:
        return raw[:at] + bytes([draw.randrange(256)]) + raw[at + 1 :]
    if how == 2:
        return raw[:at] + raw[at : at + 20] + raw[at:]
    return raw[:at] + raw[at + draw.randrange(1, 30) :]


# -- the server ----------------------------------------------------------------
class Handler(socketserver.BaseRequestHandler):
    """Answers the requests of one connection."""

    def handle(self) -> None:
        self.request.settimeout(TIMEOUT_SECONDS * 2)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.request.makefile("rb") as stream:
            try:
                while self.answer(stream):
                    pass
            except (OSError, ValueError):
                pass

    def answer(self, stream: Any) -> bool:
        """Answer the next request; return whether another may follow."""
        line = stream.readline().split()
        if len(line) < 2:
            return False
        left = 0
        for header in iter(stream.readline, b"\r\n"):
            if not header:
                return False
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                left = int(value)
        stream.read(left)
        case = line[1].split(b"/")[1].decode()
        seen = self.server.seen  # type: ignore[attr-defined]
        seen[case] = number = seen.get(case, -1) + 1
        if len(seen) > 64:
            del seen[next(iter(seen))]
        raw, close = response_of(random.Random(f"{self.server.seed}/{case}/{number}"))  # type: ignore[attr-defined]
        self.request.sendall(raw)
        return not close


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def end_with_parent(pipe: Any) -> None:
    """End this process when the other end of *pipe* is closed."""
    try:
        pipe.recv()
    finally:
        os._exit(0)


def serve(seed: int, port: Any) -> None:
    """Run the server in this process, for as long as its parent runs."""
    threading.Thread(target=end_with_parent, args=(port,), daemon=True).start()
    with Server(("127.0.0.1", 0), Handler) as server:
        server.seed, server.seen = seed, {}  # type: ignore[attr-defined]
        port.send(server.server_address[1])
        server.serve_forever()


# -- the calls -----------------------------------------------------------------
ID = ROW["id"]
Call = Callable[[Any, str, random.Random], Any]


def download_url(client: KitsuClient, folder: str, draw: random.Random) -> None:
    gazu.helpers.download_file(f"{client.host}/file", os.path.join(folder, "url"))


def read_log(client: KitsuClient, folder: str, draw: random.Random) -> None:
    from gazu.events.log import LogReader

    reader = LogReader(client, None)
    reader.head()
    for _ in zip(range(5), reader.pages("2026-10-31T10:00:00")):
        pass


def connect_events(client: KitsuClient, folder: str, draw: random.Random) -> None:
    with suppress(socketio.exceptions.ConnectionError):  # as documented
        gazu.events.init(client=client, reconnection=False).disconnect()


def each(client: KitsuClient, folder: str, draw: random.Random) -> None:
    for _ in zip(range(20), gazu.client.fetch_each("shots", client=client)):
        pass


def transfer(client: KitsuClient, folder: str, draw: random.Random) -> None:
    paths = [os.path.join(folder, f"file{number}") for number in range(2)]
    gazu.parallel.call_many(gazu.files.download_preview_file, [(ID, path) for path in paths], client=client)


CALLS: Dict[str, Call] = {
    "get": lambda c, f, d: gazu.client.get("data/shots", client=c),
    "get text": lambda c, f, d: gazu.client.get("data/shots", json_response=False, client=c),
    "post": lambda c, f, d: gazu.client.post("data/shots", {"name": "a"}, client=c),
    "put": lambda c, f, d: gazu.client.put("data/shots/1", {"name": "a"}, client=c),
    "delete": lambda c, f, d: gazu.client.delete("data/shots/1", client=c),
    "fetch_all": lambda c, f, d: gazu.client.fetch_all("shots", client=c),
    "fetch_all pages": lambda c, f, d: gazu.client.fetch_all("shots", paginated=True, client=c),
    "fetch_each": each,
    "fetch_first": lambda c, f, d: gazu.client.fetch_first("shots", client=c),
    "fetch_named": lambda c, f, d: gazu.client.fetch_named("shots", {"name": d.choice(["SH010", "a_b"])}, client=c),
    "fetch_one": lambda c, f, d: gazu.client.fetch_one("shots", ID, client=c),
    "upload": lambda c, f, d: gazu.client.upload("pictures/1", os.path.join(f, "source"), client=c),
    "download": lambda c, f, d: gazu.client.download("movies/1.mp4", os.path.join(f, "a"), client=c, processing_timeout=0),
    "download content": lambda c, f, d: gazu.client.download("data/x", None, client=c, processing_timeout=0),
    "file data": lambda c, f, d: gazu.client.get_file_data_from_url("data/x", client=c),
    "host_is_up": lambda c, f, d: gazu.client.host_is_up(client=c),
    "host_is_valid": lambda c, f, d: gazu.client.host_is_valid(client=c),
    "version": lambda c, f, d: gazu.client.get_api_version(client=c),
    "user": lambda c, f, d: gazu.client.get_current_user(client=c),
    "refresh": lambda c, f, d: c.refresh_access_token(),
    "log_in": lambda c, f, d: gazu.log_in("a@example.com", "secret-word", client=c),
    "log_out": lambda c, f, d: gazu.log_out(client=c),
    "preview file": lambda c, f, d: gazu.files.download_preview_file(ID, os.path.join(f, "b"), client=c),
    "movie": lambda c, f, d: gazu.files.download_preview_movie(ID, os.path.join(f, "c"), client=c),
    "thumbnail": lambda c, f, d: gazu.files.download_preview_file_thumbnail(ID, os.path.join(f, "d"), client=c),
    "avatar": lambda c, f, d: gazu.files.download_person_avatar(ID, os.path.join(f, "e"), client=c),
    "attachment": lambda c, f, d: gazu.files.download_attachment_file(ID, os.path.join(f, "g"), client=c),
    "url": download_url,
    "last events": lambda c, f, d: gazu.sync.get_last_events(client=c),
    "log": read_log,
    "event stream": connect_events,
}  # fmt: skip


async def async_each(client: Any) -> None:
    count = 0
    async for _ in gazu.aio.fetch_each("shots", client=client):
        count += 1
        if count == 20:
            break


ASYNC_CALLS: Dict[str, Call] = {
    "aio get": lambda c, f, d: gazu.aio.get("data/shots", client=c),
    "aio post": lambda c, f, d: gazu.aio.post("data/shots", {"name": "a"}, client=c),
    "aio put": lambda c, f, d: gazu.aio.put("data/shots/1", {"name": "a"}, client=c),
    "aio delete": lambda c, f, d: gazu.aio.delete("data/shots/1", client=c),
    "aio fetch_all": lambda c, f, d: gazu.aio.fetch_all("shots", client=c),
    "aio fetch_all pages": lambda c, f, d: gazu.aio.fetch_all("shots", paginated=True, client=c),
    "aio fetch_first": lambda c, f, d: gazu.aio.fetch_first("shots", client=c),
    "aio fetch_one": lambda c, f, d: gazu.aio.fetch_one("shots", ID, client=c),
    "aio upload": lambda c, f, d: gazu.aio.upload("pictures/1", os.path.join(f, "source"), client=c),
    "aio download": lambda c, f, d: gazu.aio.download("movies/1.mp4", os.path.join(f, "a"), client=c, processing_timeout=0),
    "aio log_in": lambda c, f, d: gazu.aio.log_in("a@example.com", "secret-word", client=c),
    "aio refresh": lambda c, f, d: c.refresh_access_token(),
}  # fmt: skip


# -- the run -------------------------------------------------------------------
class Report:
    """What the cases did."""

    def __init__(self) -> None:
        self.outcomes: "collections.Counter[str]" = collections.Counter()
        self.faults: Dict[str, Tuple[int, str]] = {}
        self.slowest = (0.0, -1, "")

    def take(self, case: int, name: str, error: Any, seconds: float) -> None:
        """Add the outcome of a case."""
        self.outcomes[type(error).__name__ if error is not None else "returned"] += 1
        self.slowest = max(self.slowest, (seconds, case, name))
        if error is not None and not isinstance(error, GazuException):
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{name}: {type(error).__name__} at {os.path.basename(frame.filename)}:{frame.lineno}"
            self.add(where, case, repr(error))
        if error is not None and "secret-word" in str(error):
            self.add(f"{name}: the text shows the password", case, str(error))

    def add(self, fault: str, case: int, words: str) -> None:
        """Add a fault, and print it if it is the first of its kind."""
        if fault not in self.faults:
            self.faults[fault] = (case, words[:200])
            print(f"FAULT {fault}: case {case}: {words[:200]}", file=sys.stderr, flush=True)


def run(seed: int, first: int, count: int) -> Report:
    """Run the cases from *first* on, and return what they did."""
    pipe, port = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(seed, port), daemon=True)
    server.start()
    folder = tempfile.mkdtemp(prefix="gazu-fuzz-")
    with open(os.path.join(folder, "source"), "wb") as source:
        source.write(b"x" * 1000)
    report, address = Report(), f"http://127.0.0.1:{pipe.recv()}"
    logging.disable(logging.CRITICAL)
    try:
        with mock.patch("time.sleep", lambda seconds: None):
            asyncio.run(run_cases(report, seed, range(first, first + count), address, folder))
    finally:
        server.terminate()
        shutil.rmtree(folder)
        logging.disable(logging.NOTSET)
    return report


async def run_cases(report: Report, seed: int, cases: range, address: str, folder: str) -> None:
    """Run *cases* one after the other."""
    import faulthandler

    import gazu.aio
    from gazu._http import async_sender

    async def no_sleep(seconds: float) -> None:
        pass

    async_sender.sleep = no_sleep  # type: ignore[assignment]
    names = [*CALLS, *ASYNC_CALLS]
    settings: Dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "retries": 0}
    settings["tokens"] = {"access_token": "a.b.c", "refresh_token": "d.e.f"}
    client, aclient = KitsuClient(address, **settings), gazu.aio.AsyncKitsuClient(address, **settings)
    for case in cases:
        draw = random.Random(f"{seed}/{case}")
        name = draw.choice(names)
        error, began = None, time.monotonic()
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        for one in (client, aclient):
            one.host, one.tokens, one.rejected_refresh_token = f"{address}/{case}/api", dict(settings["tokens"]), None
        try:
            if name in CALLS:
                CALLS[name](client, folder, draw)
            else:
                await asyncio.wait_for(ASYNC_CALLS[name](aclient, folder, draw), HANG_SECONDS / 2)
        except Exception as raised:
            error = raised
        report.take(case, name, error, time.monotonic() - began)
        if case % 20000 == 0:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"case {case}: {len(report.faults)} kinds of faults, {memory} MiB", file=sys.stderr, flush=True)
    faulthandler.cancel_dump_traceback_later()
    await aclient.session.close()


def main() -> int:
    """Run the cases that the command line names; return 1 if there are faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1_000_000)
    options = parser.parse_args()
    began = time.monotonic()
    report = run(options.seed, options.first, options.count)
    for outcome, number in report.outcomes.most_common():
        print(f"{number:9,} {outcome}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{options.count:,} cases of seed {options.seed} in {time.monotonic() - began:.0f} s, at most {memory} MiB;",
        end=" ",
    )
    print("the slowest took %.1f s (case %d, %s)" % report.slowest)
    for where, (case, words) in sorted(report.faults.items()):
        print(f"FAULT {where}: case {case}: {words}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
