#!/usr/bin/env bash
# When a server ends a WebSocket the polite way, with a close frame, the client of python-engineio 4.15.1 (with
# websocket-client 1.9.2) reports the disconnection and forgets the connection without closing its socket. The
# descriptor stays open, half closed by the server, until the garbage collector finds the client or the client connects
# anew. The same happens where the server falls silent for longer than its ping interval. A connection that the server
# simply drops, without a close frame, is closed.
#
# Seen:
#   close frame: disconnected because of transport error, the socket is open
#   silence: disconnected because of transport error, the socket is open
#   no close frame: disconnected because of transport error, the socket is closed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q python-engineio==4.15.1 websocket-client==1.9.2 websockets==15.0.1
cat > "$folder/listen.py" <<'PYTHON'
import json
import socket
import threading

import engineio
from websockets.sync.server import serve

OPEN = {"sid": "1", "upgrades": [], "pingInterval": 300, "pingTimeout": 300, "maxPayload": 100000}
over = threading.Event()


def close_frame(connection):
    connection.close(1001)


def silence(connection):
    over.wait(30)


def no_close_frame(connection):
    connection.socket.shutdown(socket.SHUT_RDWR)


for end in (close_frame, silence, no_close_frame):

    def handle(connection):
        connection.send("0" + json.dumps(OPEN))
        end(connection)

    with serve(handle, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client, told, reasons = engineio.Client(), threading.Event(), []

        @client.on("disconnect")
        def disconnected(reason):
            reasons.append(reason)
            told.set()

        client.connect(f"http://127.0.0.1:{server.socket.getsockname()[1]}", transports=["websocket"])
        connected = client.ws
        assert told.wait(30)
        client.wait()
        is_open = connected.sock is not None and connected.sock.fileno() != -1
        name = end.__name__.replace("_", " ")
        print(f"{name}: disconnected because of {reasons[0]}, the socket is {'open' if is_open else 'closed'}")
        over.set()
        connected.shutdown()
        server.shutdown()
PYTHON
diff <(sed -n 's/^#   //p' "$0") <("$folder/venv/bin/python" "$folder/listen.py" 2> "$folder/errors")
