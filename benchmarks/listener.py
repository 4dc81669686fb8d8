"""
Measure how fast a listener of events catches up with what happened while it was down; its handlers do nothing.

    python benchmarks/listener.py                            # the table of the README: takes a minute
    python benchmarks/listener.py --events 10000 --seconds 3600

The server, a process of its own, has the log of events of Zou 1.0.97: the newest first, a thousand at once, dates to the
second. The listener starts with the log empty, stops, and starts again when there are so many events, of so many seconds.
"""

import argparse
import datetime
import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gazu
from gazu.client import KitsuClient

START = datetime.datetime(2026, 5, 4, 9, 0, 0)


class Log(BaseHTTPRequestHandler):
    """A server with a log of events, which `POST grow/EVENTS/SECONDS` fills."""

    protocol_version = "HTTP/1.1"
    events: List[Dict[str, Any]] = []

    def do_GET(self) -> None:
        if urlsplit(self.path).path != "/api/data/events/last":
            return self.say({"message": "not here"}, 404)  # the stream of events, too: the log has all
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after, before = query.get("after", ""), query.get("before", "9")
        found = [event for event in self.events if after < event["created_at"] < before]
        places = [place for place, event in enumerate(found) if event["id"] == query.get("cursor_event_id")]
        start = places[0] + 1 if places else 0
        self.say(found[start : start + min(1000, int(query["limit"]))])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        count, seconds = map(int, self.path.split("/")[-2:])
        for number in range(count):
            date = START + datetime.timedelta(seconds=1 + seconds * number // count)
            data = {"project_id": str(uuid.uuid4()), "task_id": str(uuid.uuid4())}
            event = {"id": str(uuid.uuid4()), "created_at": date.isoformat(), "name": "task:update", "data": data}
            self.events.insert(0, {**event, "user_id": None, "project_id": data["project_id"]})
        self.say({})

    def say(self, value: Any, status: int = 200) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Write nothing."""


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Log)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def catch_up(host: str, checkpoint: Any, events: int, seconds: int) -> Dict[str, float]:
    """Return the seconds, and those of CPU, until the handler has been called with all events."""
    client = KitsuClient(host)
    gazu.client.set_tokens({"access_token": "token"}, client=client)
    gazu.set_event_host(host, client=client)
    seen, done = [], threading.Event()

    def handle(event: Dict[str, Any]) -> None:
        seen.append(event["event_id"])
        if len(seen) == events + 1:
            done.set()

    listener = gazu.events.Listener(checkpoint, client=client)
    listener.on("task:update", handle)
    gazu.client.post("grow/1/1", {}, client=client)  # where the listener begins
    listener.start()
    listener.stop()
    gazu.client.post(f"grow/{events + 1}/{seconds}", {}, client=client)
    start, cpu = time.perf_counter(), time.process_time()
    listener.start()
    done.wait(600)
    taken = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    listener.stop()
    assert len(set(seen)) == len(seen) == events + 1, len(seen)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--events", type=int, nargs="*", default=[1000, 10000, 40000])
    parser.add_argument("--seconds", type=int, nargs="*", default=[60, 3600], help="of the log that they take")
    options = parser.parse_args()
    logging.disable()  # of the event stream, which this server does not have
    print("| events | of | checkpoint | seconds | CPU s | events per second |\n| --- | --- | --- | --- | --- | --- |")
    for count in options.events:
        for seconds in options.seconds:
            for with_file in (True, False):
                server = subprocess.Popen(
                    [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
                with tempfile.TemporaryDirectory() as folder:
                    host = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
                    path = Path(folder, "events.json") if with_file else None
                    found = catch_up(host, path, count, seconds)
                server.stdin.close()
                server.wait()
                cells = [f"{count:,}", f"{seconds:,} s", "file" if with_file else "none", f"{found['seconds']:.2f}"]
                cells += [f"{found['cpu']:.2f}", f"{count / found['seconds']:,.0f}"]
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
