"""The lower bound of a case for any Python client: bare http.client, json and sendfile; with TLS, chunks of 1 MiB.

`floor.py NAME HOST FOLDER` prints the same as case.py. It checks no errors and retries nothing.
"""

import gc
import http.client
import json
import os
import resource
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

NAME, HOST, FOLDER = sys.argv[1:4]
ADDRESS = urlsplit(HOST)
BASE = ADDRESS.path
SHOT = f"{BASE}/data/shots/00000000-83c5-4e26-ad9b-0b28d2778eda"
CERTIFICATE = os.environ.get("REQUESTS_CA_BUNDLE")
HEADERS = {"Authorization": "Bearer token"}
if NAME.endswith("orjson"):
    from orjson import loads
else:
    from json import loads


class Client:
    """One connection."""

    def __init__(self):
        tls = ADDRESS.scheme == "https"
        self.connection = (http.client.HTTPSConnection if tls else http.client.HTTPConnection)(
            ADDRESS.hostname,
            ADDRESS.port,
            **({"context": ssl.create_default_context(cafile=CERTIFICATE)} if tls else {}),
        )
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path):
        self.connection.request("GET", path, headers=HEADERS)
        body = self.connection.getresponse().read()
        gc.disable()
        try:
            return loads(body)
        finally:
            gc.enable()

    def upload(self, path):
        size = os.path.getsize(path)
        self.connection.putrequest("POST", f"{BASE}/u")
        self.connection.putheader("Content-Length", str(size))
        self.connection.endheaders()
        with open(path, "rb") as file:
            if ADDRESS.scheme == "http" and "read" not in NAME:
                self.connection.sock.sendfile(file)
            else:
                for chunk in iter(lambda: file.read(1 << 20), b""):
                    self.connection.send(chunk)
        return self.connection.getresponse().read()

    def download(self, path):
        block = memoryview(bytearray(1 << 18))  # more do not stay in the cache of the processor
        self.connection.request("GET", f"{BASE}/big", headers=HEADERS)
        response = self.connection.getresponse()
        with open(path, "wb", buffering=0) as file:
            while True:
                count = response.readinto(block)
                if not count:
                    return
                file.write(block[:count])


def clock():
    if not os.environ.get("BENCHMARK_CPU"):
        return time.perf_counter()
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def best(function, repeat, number=1):
    seconds = []
    for _ in range(repeat):
        gc.collect()
        start = clock()
        for _ in range(number):
            function()
        seconds.append((clock() - start) / number)
    return min(seconds)


def main():
    client = Client()
    client.get(SHOT)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if NAME == "small GET":
        seconds = best(lambda: client.get(SHOT), 7, 300)
    elif NAME.startswith("list of 20,000"):
        seconds = best(lambda: client.get(f"{BASE}/data/shots/all"), 5)
    elif NAME == "1,000 GETs on 8 threads, 20 ms away":
        clients = [Client() for _ in range(8)]
        start = clock()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: [one.get(SHOT) for _ in range(125)], clients))
        seconds = clock() - start
    elif NAME.startswith("upload 1 GiB"):
        seconds = best(lambda: client.upload(os.path.join(FOLDER, "big.bin")), 1)
    elif NAME.startswith("download 1 GiB"):
        seconds = best(lambda: client.download(os.path.join(FOLDER, "down.bin")), 1)
    else:
        seconds = None
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"seconds": seconds, "memory": memory if "GiB" in NAME else None}))


if __name__ == "__main__":
    main()
