"""What the tests of upstream import from `utils`, which their archive lacks: our own, by what the tests call."""

import json
import uuid
from typing import Any

import gazu


def fakeid(name: str) -> str:
    """Return an id, always the same for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def mock_route(mock: Any, method: str, path: Any, **response: Any) -> None:
    """Have requests-mock answer a route; `text` may be data, which is sent as JSON."""
    if not isinstance(response.get("text", ""), str):
        response["text"] = json.dumps(response["text"])
    if isinstance(path, str) and not path.startswith("http"):
        path = gazu.client.get_full_url(path)
    mock.register_uri(method, path, **response)


def add_verify_file_callback(mock: Any, body: Any, path: Any = None) -> None:
    """Upstream compares the body of an upload here; its form is tested in tests/wire."""
