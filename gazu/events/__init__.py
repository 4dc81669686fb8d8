"""Events of the server: its stream over Socket.IO, a listener that misses none of them, and the last log-ins."""

import importlib
import logging
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Union

from .. import client as raw
from ..background import wait_interruptibly
from ..cache import cache
from ..client import KitsuClient, default_client
from ..deprecation import find_imported
from ..helpers import any_id_of, date_or_none, drop_none, ids_of
from ..models import Date, LoginLog, Ref, Several
from . import connection
from .connection import NAMESPACE
from .connection import logger as logger

if TYPE_CHECKING:
    from socketio import Client

    from .failure import RETRY as RETRY
    from .failure import SKIP as SKIP
    from .failure import STOP as STOP
    from .failure import ErrorAction as ErrorAction
    from .failure import Failure as Failure
    from .listener import Listener as Listener
    from .names import EventName as EventName
    from .namespace import EventsNamespace as EventsNamespace
    from .namespace import StreamRefusedException as StreamRefusedException


#: Names that are loaded when they are used, as most scripts listen to no events; and those that upstream imports.
_PLACES = {
    "ErrorAction": ".failure",
    "EventName": ".names",
    "Failure": ".failure",
    "Listener": ".listener",
    "RETRY": ".failure",
    "SKIP": ".failure",
    "STOP": ".failure",
    "EventsNamespace": ".namespace",
    "StreamRefusedException": ".namespace",
    "socketio": ".namespace",
    "AuthFailedException": "..exception",
    "get_event_host": "..client",
    "make_auth_header": "..client",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name], __name__), name)
    return find_imported(__name__)(name)


def init(
    client: KitsuClient = default_client,
    ssl_verify: Optional[bool] = None,
    reconnection: bool = True,
    logger: Union[bool, logging.Logger] = False,
    **kwargs: Any,
) -> "Client":
    """Connect to the event stream of the event host, and return the connection.

    Args:
        ssl_verify: check the certificate of the server; as the client does, by default.
        reconnection: connect again when the connection is lost, with a new access token.
        logger: have Socket.IO log what it does.
        kwargs: more settings of `socketio.Client`.

    An access token that has expired is renewed: `GET auth/refresh-token`.

    Raises:
        NotAuthenticatedException: the server refuses the token; also a ConnectionError of Socket.IO.
        socketio.exceptions.ConnectionError: the server cannot be reached.

    Example:
        >>> events = gazu.events.init()
        >>> events.connected
        True
        >>> events.disconnect()
    """
    settings = {"reconnection": reconnection, "logger": logger, **kwargs}
    stream = connection.new_connection(client, ssl_verify, **settings)
    reasons: Any = []
    stream.on("connect_error", lambda data: reasons.append(data) or connect_error(data), NAMESPACE)
    connection.connect(stream, client, reasons)
    return stream


def connect_error(data: Any) -> Any:
    """Log that the event stream cannot be reached, and return the reason.

    Args:
        data: what Socket.IO says.

    Returns:
        The reason, a text or what Socket.IO gave.
    """
    return connection.log_refusal(data)


def add_listener(event_client: "Client", event_name: str, event_handler: Callable[[Dict[str, Any]], Any]) -> "Client":
    """Call *event_handler* with the data of each event of this name.

    Args:
        event_client: what `init` returned; it is returned again.
        event_name: `<what>:<happened>`: `asset:new`, `task:update`, `comment:new`, ...
        event_handler: called with `{"project_id": ..., "<what>_id": ..., ...}`, in a thread of its own.

    Example:
        >>> assigned = []
        >>> events = gazu.events.add_listener(gazu.events.init(), "task:assign", assigned.append)
        >>> events.disconnect()
    """
    event_client.on(event_name, event_handler, NAMESPACE)
    return event_client


def run_client(event_client: "Client") -> "Client":
    """Wait, and let the listeners be called, until the connection is closed.

    Args:
        event_client: what `init` returned.

    Example:
        >>> def keep(event):
        ...     seen.append(event["shot_id"])
        ...     if event["shot_id"] == shot["id"]:
        ...         events.disconnect()  # or it would wait for the next one
        >>> seen = []
        >>> events = gazu.events.add_listener(gazu.events.init(), "shot:update", keep)
        >>> shot = gazu.shot.update_shot({"id": shot["id"], "nb_frames": 100})
        >>> events = gazu.events.run_client(events)
        >>> shot["id"] in seen
        True
    """
    wait_interruptibly(event_client.wait)
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
    cursor = None if cursor_login_log_id is None else any_id_of(cursor_login_log_id)
    params = drop_none(limit=limit, cursor_login_log_id=cursor, person_ids=ids_of(person_ids) or None, **days)
    return raw.get("data/events/login-logs/last", params=params, client=client)
