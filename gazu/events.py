"""What happens on the server, as it happens: its event stream over Socket.IO."""

import logging
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Union

from . import client as raw
from .cache import cache
from .client import KitsuClient, default_client
from .helpers import date_or_none, drop_none, ids_of
from .models import Date, LoginLog, Ref, Several

if TYPE_CHECKING:
    from socketio import Client

    from ._listening import Listener as Listener
    from ._socket import EventsNamespace as EventsNamespace

NAMESPACE = "/events"
logger = logging.getLogger("gazu")


def __getattr__(name: str) -> Any:
    if name == "Listener":
        from ._listening import Listener  # which scripts that do not listen need not load

        return Listener
    if name != "EventsNamespace":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._socket import EventsNamespace  # loads Socket.IO

    return EventsNamespace


def init(
    client: KitsuClient = default_client,
    ssl_verify: Optional[bool] = None,
    reconnection: bool = True,
    logger: Union[bool, logging.Logger] = False,
    **kwargs: Any,
) -> "Client":
    """Connect to the event stream of the event host, and return the connection.

        events = gazu.events.init()
        gazu.events.add_listener(events, "task:assign", print)
        gazu.events.run_client(events)

    Args:
        ssl_verify: check the certificate of the server; as the client does, by default.
        reconnection: connect again when the connection is lost, with the token of that time.
        logger: have Socket.IO log what it does.
        kwargs: more settings of `socketio.Client`.

    Raises:
        socketio.exceptions.ConnectionError: the server cannot be reached, or refuses.
    """
    settings = {"reconnection": reconnection, "logger": logger, **kwargs}
    connection = _new_connection(client, ssl_verify, **settings)
    _connect(connection, client)
    return connection


def _new_connection(client: KitsuClient, ssl_verify: Optional[bool] = None, **settings: Any) -> "Client":
    """Return a connection that is not connected yet, with the certificates and proxies of the client."""
    import socketio  # loaded here: most scripts listen to no events

    from ._http.session import Session
    from ._socket import EventsNamespace

    theirs = client.session
    session = Session()  # of its own: Socket.IO changes the one it has
    session.verify, session.cert, session.proxies = theirs.verify, theirs.cert, dict(theirs.proxies)
    verify = theirs.verify is not False if ssl_verify is None else ssl_verify
    connection = socketio.Client(**{"http_session": session, "ssl_verify": verify, **settings})
    weakref.finalize(connection, session.close)
    connection.register_namespace(EventsNamespace(NAMESPACE))
    connection.on("connect_error", connect_error, NAMESPACE)
    return connection


def _connect(connection: "Client", client: KitsuClient) -> None:
    # A function, so that each new connection has the token of its time.
    connection.connect(
        raw.get_event_host(client=client),
        headers=lambda: raw.make_auth_header(client=client),
        namespaces=[NAMESPACE],
        wait_timeout=10,  # seconds; a busy server needs more than the one of Socket.IO
    )


def connect_error(data: Any) -> Any:
    """Log that the event stream cannot be reached, and return what is known of it."""
    logger.warning("the event stream cannot be reached: %s", data)
    return data


def add_listener(event_client: "Client", event_name: str, event_handler: Callable[[Dict[str, Any]], Any]) -> "Client":
    """Call *event_handler* with the data of each event of this name.

    Args:
        event_name: `<what>:<happened>`: `asset:new`, `task:update`, `comment:new`, ...
        event_handler: called with `{"project_id": ..., "<what>_id": ..., ...}`, in a thread of its own.
    """
    event_client.on(event_name, event_handler, NAMESPACE)
    return event_client


def run_client(event_client: "Client") -> "Client":
    """Wait, and let the listeners be called, until the connection is closed."""
    event_client.wait()
    return event_client


@cache
def get_last_login_logs(
    after: Optional[Date] = None,
    before: Optional[Date] = None,
    limit: int = 100,
    cursor_login_log_id: Optional[Ref] = None,
    person_ids: Optional[Several] = None,
    client: KitsuClient = default_client,
) -> List[LoginLog]:
    """List the last log-ins, the newest first: `GET data/events/login-logs/last`.

    Args:
        after: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, like *before*.
        limit: how many at most.
        cursor_login_log_id: the last one of the page before.
        person_ids: of these people only.
    """
    days = {"after": date_or_none(after), "before": date_or_none(before)}
    cursor = None if cursor_login_log_id is None else ids_of(cursor_login_log_id)[0]
    params = drop_none(limit=limit, cursor_login_log_id=cursor, person_ids=ids_of(person_ids) or None, **days)
    return raw.get("data/events/login-logs/last", params=params, client=client)
