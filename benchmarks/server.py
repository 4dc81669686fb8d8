"""A server for the benchmarks: responds immediately, from memory, over keep-alive connections.

It prints the port, and that of TLS with the certificate of the tests. `big/<MiB>` is a file of that size, `big` of 1 GiB.
"""

import json
import os
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Optional

SHOTS = 20_000
THUMBNAIL_BYTES = 100_000
PAGES = 50
#: Records in the lists `shots/<count>`; the last is the board of a large production, 35 MB.
LISTS = (1, 100, 1_000, 10_000, 33_000)
CERTIFICATE = Path(__file__).resolve().parent.parent / "tests" / "wire" / "certificate.pem"
#: What logs in.
SESSION = {"login": True, "access_token": "a", "refresh_token": "b", "user": {"id": "1", "full_name": "Jane"}}
#: Latency of responses below /slow.
LATENCY_SECONDS = 0.02


def _row(number: int) -> dict:
    return {
        "id": f"{number:08x}-83c5-4e26-ad9b-0b28d2778eda",
        "name": f"SH{(number * 7919) % SHOTS:05d}",
        "code": None,
        "description": "A shot of the forest, with the fox in the foreground and rain on the leaves.",
        "canceled": False,
        "nb_frames": 48 + number % 100,
        "nb_entities_out": 3,
        "is_casting_standby": False,
        "is_shared": False,
        "status": "running",
        "project_id": "1b31a5a6-36c3-4d5c-9a63-5d4d16ad1b9c",
        "entity_type_id": "9f0c5f1e-73f5-4a54-8b9e-d2b4ec1cdf05",
        "parent_id": "4f5d1a5c-8f63-4b4b-8a1e-26b34d9b1a33",
        "source_id": None,
        "preview_file_id": f"{number:08x}-0000-4e26-ad9b-0b28d2778eda",
        "data": {"fps": "25", "frame_in": "1001", "frame_out": str(1049 + number % 100), "difficulty": number % 5},
        "ready_for": None,
        "created_by": "8a1b9d0e-3c55-4f3b-9d84-0b9e3d9f2c11",
        "shotgun_id": None,
        "created_at": "2026-05-04T09:12:45",
        "updated_at": "2026-06-11T17:01:02",
        "type": "Shot",
        "tasks": [f"{number:08x}-{n:04x}-4e26-ad9b-0b28d2778eda" for n in range(6)],
    }


def _page(rows: list, page: int, pages: int = PAGES) -> bytes:
    size = 100
    body = {"data": rows[(page - 1) * size : page * size], "nb_pages": pages, "total": pages * size, "page": page}
    return json.dumps(body).encode()


def make_responses() -> dict:
    many = [_row(number) for number in range(max(LISTS))]
    rows = many[:SHOTS]
    one = json.dumps(rows[0]).encode()
    return {
        "/api/data/shots/all": json.dumps(rows).encode(),
        "/api/data/projects/1b31a5a6-36c3-4d5c-9a63-5d4d16ad1b9c/shots": json.dumps(rows).encode(),
        "/api/data/projects": json.dumps(rows[:5000]).encode(),
        "/api/data/projects/open": json.dumps(rows[:20]).encode(),
        "/api/auth/login": json.dumps(SESSION).encode(),
        "/api/data/shots/" + rows[0]["id"]: one,
        f"/api/pictures/thumbnails/preview-files/{rows[0]['id']}.png": os.urandom(THUMBNAIL_BYTES),
        **{f"/api/data/shots/{count}": json.dumps(many[:count]).encode() for count in LISTS},
        **{f"/api/data/shots?page={page}": _page(rows, page) for page in range(1, PAGES + 1)},
        **{
            f"/api/data/board?page={page}": _page(many, page, len(many) // 100)
            for page in range(1, len(many) // 100 + 1)
        },
    }


def serve(connection: socket.socket, responses: dict) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reader = connection.makefile("rb", buffering=1 << 16)
    block = bytearray(1 << 20)
    while True:
        line = reader.readline()
        if not line:
            return
        method, target, _ = line.decode("latin-1").split(" ", 2)
        length, unchanged = 0, False
        while True:
            header = reader.readline()
            if header in (b"\r\n", b""):
                break
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
            unchanged = unchanged or header.lower().startswith(b"if-none-match:")
        while length:
            length -= reader.readinto(memoryview(block)[: min(length, len(block))])
        if target.startswith("/slow/"):
            time.sleep(LATENCY_SECONDS)
            target = target[len("/slow") :]
        path = target if "page=" in target else target.split("?")[0]
        if path.startswith("/api/big"):
            size = int(path[len("/api/big/") :] or 1024) * len(block)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(size // len(block)):
                connection.sendall(block)
            continue
        body = responses.get(path, b"{}" if method == "GET" else b'{"id": "1"}')
        if unchanged:
            connection.sendall(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
            continue
        etag = b'ETag: "1"\r\n' if "-" not in path else b""
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (etag, len(body))
            + body
        )


def accept(listener: socket.socket, responses: dict, tls: Optional[ssl.SSLContext] = None) -> None:
    while True:
        connection, _ = listener.accept()
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        threading.Thread(target=serve, args=(connection, responses), daemon=True).start()


def main() -> None:
    responses = make_responses()
    plain, secure = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(str(CERTIFICATE))
    print(plain.getsockname()[1], secure.getsockname()[1], sep="\n", flush=True)
    # Exit at the end of standard input: closing the listener would not interrupt accept().
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    threading.Thread(target=accept, args=(secure, responses, tls), daemon=True).start()
    accept(plain, responses)


if __name__ == "__main__":
    main()
