"""Set up a show: `python -m tests.endurance.set_up HOST EMAIL PASSWORD PROJECT WAY SEQUENCES SHOTS [WRITE MOMENT]`.

With WRITE, the process kills itself at that request of all that change something, as `push` does. It prints what the
report says, and the requests that changed something.
"""

import http.client
import json
import sys
from typing import Any, List

import gazu
import gazu.bulk

from ..shows import fill
from .push import die_at


def written() -> List[str]:
    """Return a list that all requests which change something are added to from now on."""
    putrequest, calls = http.client.HTTPConnection.putrequest, []

    def put(self: Any, method: str, *args: Any, **options: Any) -> Any:
        calls.extend([method] if method not in ("GET", "HEAD") else [])
        return putrequest(self, method, *args, **options)

    http.client.HTTPConnection.putrequest = put  # type: ignore[method-assign]
    return calls


def main() -> None:
    host, email, password, project, way, sequences, shots, *killing = sys.argv[1:]
    client = gazu.create_session(host, email, password)
    if killing:
        die_at(int(killing[0]), killing[1])
    calls = written()
    me = gazu.client.get_current_user(client=client)
    report = fill(gazu.bulk.Setup(project, client=client), int(sequences), int(shots), (me,)).apply(way=way)
    numbers = {name: len(getattr(report, name)) for name in ("made", "changed", "same", "failed", "unknown")}
    print(json.dumps({**numbers, "writes": len(calls)}), flush=True)


if __name__ == "__main__":
    main()
