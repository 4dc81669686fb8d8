"""Push a production: `python -m tests.endurance.push SOURCE TARGET EMAIL PASSWORD PROJECT [WRITE MOMENT]`.

With WRITE, the process kills itself at that request of all that change something: `before` it is sent, when it is
`sent` and the response is not read, or when the response is `received`.
"""

import http.client
import itertools
import json
import os
import signal
import sys
from typing import Any

import gazu

MOMENTS = ("before", "sent", "received")


def die_at(write: int, moment: str) -> None:
    """Have the process killed at one of the requests that it sends from now on."""
    connection: Any = http.client.HTTPConnection
    putrequest, getresponse = connection.putrequest, connection.getresponse
    writes = itertools.count(1)

    def die(self: Any, now: str) -> None:
        if now == moment and self.write == write:
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self: Any, method: str, *args: Any, **options: Any) -> Any:
        self.write = 0 if method in ("GET", "HEAD") else next(writes)
        die(self, "before")
        return putrequest(self, method, *args, **options)

    def get(self: Any, *args: Any, **options: Any) -> Any:
        die(self, "sent")
        response = getresponse(self, *args, **options)
        die(self, "received")
        return response

    connection.putrequest, connection.getresponse = put, get


def main() -> None:
    hosts, (email, password, project), killing = sys.argv[1:3], sys.argv[3:6], sys.argv[6:]
    source, target = (gazu.create_session(host, email, password) for host in hosts)
    if killing:
        die_at(int(killing[0]), killing[1])
    print(json.dumps(gazu.sync.push_project(project, source=source, target=target)), flush=True)


if __name__ == "__main__":
    main()
