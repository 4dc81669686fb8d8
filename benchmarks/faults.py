"""
Compare how this checkout and a release of upstream handle injected network faults, on real sockets.

    python benchmarks/faults.py              # creates virtual environments

Prints a table of outcomes. `pytest tests/wire` tests ours in these and many more cases.
`faults.py --all` runs the cases with the gazu of this interpreter, and prints the outcomes as JSON.
"""

import argparse
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
ID = "00000000-83c5-4e26-ad9b-0b28d2778eda"
ROW = json.dumps({"id": ID, "name": "SH010"}).encode()
#: A call that takes longer counts as endless.
TIMEOUT_SECONDS = 12


def http(status: int, body: bytes = b"", kind: str = "application/json", extra: str = "", length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{extra}\r\n".encode() + body


HTML = b"<html>down for maintenance</html>"
EXPIRED = http(401, b'{"error": true, "message": "Signature has expired"}')
FILE = os.urandom(300_000)


class Server:
    """Sends the responses of the script, one per request; then the record."""

    def __init__(self) -> None:
        self.script: List[Any] = []
        self.seen: List[str] = []
        self.respond: Callable[[str, str], Any] = lambda line, head: http(200, ROW)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "http://127.0.0.1:%s/api" % self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            threading.Thread(target=self.serve, args=(self.socket.accept()[0],), daemon=True).start()

    def serve(self, link: socket.socket) -> None:
        reader = link.makefile("rb")
        while True:
            lines = []
            for line in iter(reader.readline, b"\r\n"):
                if not line:
                    return
                lines.append(line.decode("latin-1"))
            head = "".join(lines)
            length = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length")]
            left = sum(length)
            while left:
                left -= len(reader.read(min(left, 1 << 16)))
            self.seen.append(lines[0].split(" HTTP")[0])
            act = self.script.pop(0) if self.script else self.respond(lines[0], head)
            act = act(head) if callable(act) else act
            if act == "reset":
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                link.close()
                return
            if act == "hang":
                time.sleep(3600)
            cut = isinstance(act, tuple)
            link.sendall(act[0] if cut else act)
            if cut:
                link.shutdown(socket.SHUT_RDWR)
                link.close()
                return


def name_of(error: BaseException) -> str:
    ours = type(error).__module__.startswith("gazu")
    if ours or (isinstance(error, ValueError) and type(error).__module__ == "builtins"):
        return type(error).__name__
    return f"{type(error).__module__}.{type(error).__name__}, no gazu error"


class Cases:
    """Each method is a case: it prepares the server, makes the call, and describes the outcome."""

    def __init__(self) -> None:
        import gazu

        self.gazu, self.server, self.folder = gazu, Server(), tempfile.mkdtemp()
        gazu.set_host(self.server.address)
        gazu.client.set_tokens({"access_token": "a", "refresh_token": "r"})
        gazu.client.default_client.timeout = (1, 1)  # upstream has no time-out

    def get(self, *script: Any) -> str:
        self.server.script[:] = script
        row = self.gazu.client.get("data/shots/" + ID)
        return "the record" if row == json.loads(ROW) else f"WRONG: {row!r:.60} returned as data"

    def post(self, *script: Any) -> str:
        self.server.script[:], self.server.seen[:] = script, []
        row = self.gazu.client.post("data/shots", {"name": "SH010"})
        outcome = "the record" if row == json.loads(ROW) else f"WRONG: {row!r:.60} returned as data"
        return outcome + f", the server received {' and '.join(self.server.seen)}"

    def download(self, *script: Any) -> str:
        self.server.script[:] = script
        target = os.path.join(self.folder, "shot.mp4")
        Path(target).write_bytes(b"the existing file")
        try:
            self.gazu.client.download("movies/originals/preview-files/%s.mp4" % ID, target)
            outcome = "no error"
        except Exception as error:
            outcome = name_of(error)
        left = Path(target).read_bytes()
        kind = {b"the existing file": "existing file kept", FILE: "complete file"}.get(left)
        return f"{outcome}; {kind}" if kind else f"{outcome}; WRONG: {len(left):,} bytes in its place"

    def rest(self, head: str) -> bytes:
        """Respond with the file, or with the requested range."""
        start = int(head.lower().split("range: bytes=")[1].split("-")[0]) if "range: bytes=" in head.lower() else 0
        extra = f"Content-Range: bytes {start}-{len(FILE) - 1}/{len(FILE)}\r\n"
        return http(206 if start else 200, FILE[start:], "video/mp4", extra if start else "")

    def refused(self) -> str:
        closed = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        closed.close()

        def come_up() -> None:
            time.sleep(0.5)
            late = socket.create_server(("127.0.0.1", port))
            self.server.serve(late.accept()[0])

        threading.Thread(target=come_up, daemon=True).start()
        self.gazu.set_host(f"http://127.0.0.1:{port}/api")
        try:
            return self.get()
        finally:
            self.gazu.set_host(self.server.address)

    def idle(self) -> str:
        self.get()
        self.server.script[:] = [(http(200, ROW),)]
        self.gazu.client.get("data/shots/" + ID)  # then the server closes the connection
        time.sleep(0.1)
        return self.post()

    def expired(self) -> str:
        self.server.respond = lambda line, head: (
            http(200, b'{"access_token": "new"}') if "refresh" in line
            else EXPIRED if "Bearer a\r" in head else http(200, ROW)
        )  # fmt: skip
        client = self.gazu.client.create_client(self.server.address, use_refresh_token=True)
        client.tokens = {"access_token": "a", "refresh_token": "r"}
        self.server.seen[:] = []
        with ThreadPoolExecutor(32) as pool:
            futures = [pool.submit(self.gazu.client.get, "data/x", client=client) for _ in range(32)]
        failed = sum(future.exception() is not None for future in futures)
        refreshed = sum("refresh" in line for line in self.server.seen)
        self.server.respond = lambda line, head: http(200, ROW)
        return f"{failed} of 32 failed, refreshed {refreshed} times"

    def upload_memory(self) -> str:
        import resource

        path = os.path.join(self.folder, "big")
        with open(path, "wb") as file:
            file.truncate(200 << 20)
        before, calls = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
        self.gazu.client.upload("u", path, progress_callback=lambda done, total: calls.append(done))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        return f"{grown // 10 * 10} MiB of memory, {'real progress' if len(calls) > 5 else 'progress jumps to 100 %'}"

    def path(self) -> str:
        self.server.seen[:] = []
        try:
            self.gazu.shot.get_shot("../../auth/logout")
        except Exception as error:
            return f"{name_of(error)}; the server received {' and '.join(self.server.seen) or 'nothing'}"
        return f"WRONG: the server received {' and '.join(self.server.seen)}"

    def cases(self) -> Dict[str, Callable[[], str]]:
        get, post, download = self.get, self.post, self.download
        half = http(200, FILE[:150_000], "video/mp4", 'ETag: "1"\r\nAccept-Ranges: bytes\r\n', len(FILE))
        zipped = gzip.compress(FILE)
        return {
            "GET: refused, up half a second later": self.refused,
            "GET: reset, then OK": lambda: get("reset"),
            "GET: cut in the body, then OK": lambda: get((http(200, ROW[:5], length=len(ROW)),)),
            "GET: 503 of a proxy, then OK": lambda: get(http(503, HTML, "text/html")),
            "GET: 429 as JSON, then OK": lambda: get(http(429, b'{"message": "slow down"}')),
            "GET: 409 as JSON": lambda: get(http(409, b'{"message": "conflict"}')),
            "GET: silent (time-out of 1 s if one can be set)": lambda: get(*["hang"] * 9),
            "GET: a web page with status 200": lambda: get(http(200, HTML, "text/html")),
            "POST: reset": lambda: post("reset"),
            "POST: 504 of a proxy": lambda: post(http(504, HTML, "text/html")),
            "POST: redirect to another path": lambda: post(http(302, extra="Location: /api/elsewhere\r\n")),
            "POST: the idle connection was closed": self.idle,
            "download: 503 of a proxy": lambda: download(*[http(503, HTML, "text/html")] * 9),
            "download: cut in the middle": lambda: download((half,), self.rest),
            "download: cut every time": lambda: download(*[(half,)] * 9),
            "download: compressed": lambda: download(http(200, zipped, "video/mp4", "Content-Encoding: gzip\r\n")),
            "32 threads, one expired token": self.expired,
            "upload of 200 MiB": self.upload_memory,
            'get_shot("../../auth/logout")': self.path,
        }

    def outcome(self, case: Callable[[], str]) -> str:
        outcomes: List[str] = []

        def run() -> None:
            try:
                outcomes.append(case())
            except Exception as error:
                outcomes.append(name_of(error))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(TIMEOUT_SECONDS)
        return outcomes[0] if outcomes else f"no end within {TIMEOUT_SECONDS} s"


def run_all() -> None:
    """Print the outcomes of all cases; each has its own server and process, as some never end."""
    outcomes: List[Tuple[str, str]] = []
    for name in Cases().cases():
        command = [sys.executable, __file__, "--case", name]
        outcomes.append((name, subprocess.check_output(command, stderr=subprocess.DEVNULL).decode().strip()))
    print(json.dumps(outcomes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--environments", type=Path, help="folder in which to keep the environments")
    parser.add_argument("--all", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        cases = Cases()
        print(cases.outcome(cases.cases()[options.case]), flush=True)
        os._exit(0)  # an endless call would keep the process running
    if options.all:
        return run_all()
    from run import UPSTREAM, environment

    with tempfile.TemporaryDirectory(prefix="gazu-bench-") as folder:
        home = options.environments or Path(folder)
        pythons = [environment(home / "ours", str(HERE.parent)), environment(home / "upstream", UPSTREAM)]
        both = [json.loads(subprocess.check_output([one, __file__, "--all"], cwd=folder)) for one in pythons]
    print("| fault | ours | upstream |\n| --- | --- | --- |")
    for (name, ours), (_, theirs) in zip(*both):
        print(f"| {name} | {ours} | {theirs} |")


if __name__ == "__main__":
    main()
