"""The three hosts of a recorded case: they answer as was recorded, and note what they were asked."""

import base64
import gzip
import hashlib
import json
import re
import threading
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import parse_qsl, unquote, urlsplit

NAMES = ("default", "second", "external")


def describe(data: bytes) -> Dict[str, Any]:
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def content_of(answer: Dict[str, Any]) -> Tuple[bytes, Optional[str]]:
    """Return the body that a recorded answer, or file, stands for, and its type."""
    if "json" in answer:
        return json.dumps(answer["json"]).encode(), "application/json"
    if "text" in answer:
        return answer["text"].encode(), answer.get("type", "text/plain")
    if "base64" in answer:
        return base64.b64decode(answer["base64"]), answer.get("type", "application/octet-stream")
    if "pattern" in answer:
        unit = answer["pattern"].encode()
        data = (unit * (answer["size"] // len(unit) + 1))[: answer["size"]]
        return data, answer.get("type", "application/octet-stream")
    return b"", None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Host"

    def log_message(self, *args: Any) -> None:
        return

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        stream = self.server.hosts.stream
        if stream is not None and url.path.startswith("/socket.io"):
            self.answer(stream.answer(self.command, dict(parse_qsl(url.query)), self.headers, body))
            return
        self.answer(self.server.hosts.take(self.request_of(url, body)))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = serve

    def request_of(self, url: Any, body: bytes) -> Dict[str, Any]:
        """Describe the request as the recorded ones are."""
        path = url.path
        if self.server.name != "external":
            path = "" if path in ("/api", "/api/") else path[5:] if path.startswith("/api/") else path
        request: Dict[str, Any] = {
            "host": self.server.name,
            "method": self.command,
            "path": "/".join(unquote(part).replace("/", "%2F") for part in path.split("/")),
            "query": [list(pair) for pair in parse_qsl(url.query, keep_blank_values=True)],
        }
        kind = self.headers.get("Content-Type") or ""
        request["headers"] = {
            "authorization": self.headers.get("Authorization"),
            "content_type": kind.split(";")[0] or None,
            "user_agent": re.sub(r"(CGWire Gazu )\d[\w.]*", r"\1${VERSION}", self.headers.get("User-Agent", "")),
            "accept": None if self.headers.get("Accept") == "*/*" else self.headers.get("Accept"),
        }
        own = {name.lower(): value for name, value in self.headers.items() if name.lower().startswith("x-")}
        request["headers"].update(own)
        work = self.server.hosts.work.encode()
        body = body.replace(work, b"${WORK}") if work else body
        if kind.startswith("multipart/form-data"):
            request["form"], request["files"] = parts_of(kind, body)
        elif kind == "application/x-www-form-urlencoded":
            request["form"] = [list(pair) for pair in parse_qsl(body.decode(), keep_blank_values=True)]
        elif body:
            try:
                request["json"] = json.loads(body.decode())
            except ValueError:
                request["body"] = describe(body)
        return request

    def answer(self, answer: Dict[str, Any]) -> None:
        if answer.get("drop"):
            self.close_connection = True
            return
        body, kind = content_of(answer)
        headers = {"Content-Type": kind} if kind else {}
        headers.update(answer.get("headers") or {})
        if answer.get("gzip"):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        status = answer.get("status", 200)
        if status in (204, 304):
            body = b""
        elif answer.get("chunked"):
            headers["Transfer-Encoding"] = "chunked"
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        elif "content-length" not in map(str.lower, headers):
            headers["Content-Length"] = str(len(body))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def parts_of(kind: str, body: bytes) -> Tuple[List[Any], List[Any]]:
    """Take a multipart body apart into fields and files."""
    fields, files = [], []
    boundary = b"\r\n--" + kind.partition("boundary=")[2].strip('"').encode()
    for part in (b"\r\n" + body).split(boundary)[1:-1]:
        head, _, data = part[2:].partition(b"\r\n\r\n")
        words = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-disposition"))
        disposition = Message()
        # Bytes beyond ASCII are UTF-8, as browsers send them.
        disposition["Content-Disposition"] = words.partition(b":")[2].strip().decode("utf-8")
        name = disposition.get_param("name", header="Content-Disposition")
        match = re.search(r'filename="((?:[^"\\]|\\.)*)"', words.decode("utf-8"))
        if match is None:
            fields.append([name, data.decode()])
        else:
            filename = match.group(1).replace('\\"', '"').replace("\\\\", "\\").replace("%22", '"')
            files.append({"field": name, "filename": filename, **describe(data)})
    return fields, files


class Host(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str, hosts: "Hosts") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.hosts = name, hosts

    def handle_error(self, *args: Any) -> None:
        return  # a client that closed the connection


class Hosts:
    """The hosts, and the script of the case that is being played."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.work, self.log, self.script = "", [], []  # type: str, List[Any], List[Any]
        self.stream: Optional[EventStream] = None
        self.servers = [Host(name, self) for name in NAMES]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addresses = {s.name: f"http://127.0.0.1:{s.server_address[1]}" for s in self.servers}

    def begin(self, case: Dict[str, Any], work: str) -> None:
        setup = case.get("setup") or {}
        self.work, self.log, self.script = work, [], list(case.get("exchanges", []))
        self.stream = EventStream(setup["socketio"]) if "socketio" in setup else None

    def take(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Note a request, and return the response that was recorded for it."""
        with self.lock:
            self.log.append(request)
            for number, exchange in enumerate(self.script):
                asked = exchange["request"]
                same = all(asked.get(key, "default") == request[key] for key in ("host", "method", "path"))
                if same and sorted(asked.get("query", [])) == sorted(request["query"]):
                    return self.text(self.script.pop(number)["response"])
        return {"status": 404, "json": {"message": "unexpected request"}}

    def text(self, value: Any) -> Any:
        """Put the addresses of this run into a recorded value."""
        words = json.dumps(value)
        for mark, name in (("${HOST}", "default"), ("${HOST2}", "second"), ("${EXTERNAL}", "external")):
            words = words.replace(mark, self.addresses[name])
        return json.loads(words)

    def close(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


class EventStream:
    """As much of Socket.IO, by polling, as the event stream needs."""

    def __init__(self, script: Dict[str, Any]) -> None:
        self.script, self.over = script, False
        self.packets: List[Optional[str]] = []
        self.news = threading.Condition()
        self.heard: Dict[str, List[Any]] = {"handshakes": [], "namespaces": []}

    def push(self, packets: List[Optional[str]]) -> None:
        with self.news:
            self.packets += packets
            self.news.notify_all()

    def answer(self, method: str, query: Dict[str, str], headers: Any, body: bytes) -> Dict[str, Any]:
        if method == "POST":
            for packet in body.decode().split("\x1e"):
                self.receive(packet)
            return {"text": "ok"}
        if "sid" not in query:
            if self.script.get("refuse"):
                return {"status": self.script["refuse"], "text": "no"}
            self.heard["handshakes"].append({"authorization": headers.get("Authorization")})
            hello = {"sid": "e1", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
            return {"text": "0" + json.dumps(hello)}
        with self.news:
            self.news.wait_for(lambda: self.packets or self.over, 10)
            packets, self.packets = self.packets, []
        if None in packets:
            self.over = True
            packets.remove(None)
        elif self.over:
            return {"status": 400, "text": "gone"}
        return {"text": "\x1e".join(map(str, packets)) or "6"}

    def receive(self, packet: str) -> None:
        if packet == "1" or packet.startswith("41"):
            self.over = True
            self.push([])
        elif packet.startswith("40"):
            space = packet[2:].split(",")[0].split("{")[0] or "/"
            prefix = "" if space == "/" else space + ","
            self.push([f'40{prefix}{{"sid":"s1"}}'])
            if space != "/":
                self.heard["namespaces"].append(space)
                threading.Thread(target=self.play, args=(prefix,), daemon=True).start()

    def play(self, prefix: str) -> None:
        time.sleep(0.5)  # the listeners are added after the namespace was joined
        events = [f"42{prefix}{json.dumps(event)}" for event in self.script.get("events", [])]
        end = [None] if self.script.get("disconnect") else []
        if events or end:
            self.push([*events, *end])
