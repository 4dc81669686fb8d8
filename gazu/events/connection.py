"""Connecting to the event stream of the server, over Socket.IO."""

import logging
import weakref
from typing import TYPE_CHECKING, Any, Optional

from .. import client as raw
from ..client import KitsuClient

if TYPE_CHECKING:
    from socketio import Client

NAMESPACE = "/events"
#: A busy server needs more than the second that Socket.IO gives it.
CONNECT_TIMEOUT_SECONDS = 10

logger: logging.Logger = logging.getLogger("gazu")


def new_connection(client: KitsuClient, ssl_verify: Optional[bool] = None, **settings: Any) -> "Client":
    """Return a connection that is not connected yet, with the certificates and proxies of the client."""
    import socketio  # loaded here: most scripts listen to no events

    from .._http.session import Session
    from .namespace import EventsNamespace

    session = Session()  # of its own: Socket.IO changes the one it has
    session.verify, session.cert = client.session.verify, client.session.cert
    session.proxies = dict(client.session.proxies)
    verify = session.verify is not False if ssl_verify is None else ssl_verify
    connection = socketio.Client(**{"http_session": session, "ssl_verify": verify, **settings})
    weakref.finalize(connection, session.close)
    connection.register_namespace(EventsNamespace(NAMESPACE))
    connection.on("connect_error", log_refusal, NAMESPACE)
    return connection


def connect(connection: "Client", client: KitsuClient) -> None:
    """Connect to the event host of the client."""
    connection.connect(
        raw.get_event_host(client=client),
        headers=lambda: raw.make_auth_header(client=client),  # a function: each reconnection has the current token
        namespaces=[NAMESPACE],
        wait_timeout=CONNECT_TIMEOUT_SECONDS,
    )


def log_refusal(data: Any) -> Any:
    """Log that the event stream cannot be reached, and return the reason."""
    logger.warning("the event stream cannot be reached: %s", data)
    return data
