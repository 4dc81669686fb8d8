"""Connecting to the event stream of the server, over Socket.IO."""

import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any, Dict, List, Optional
from urllib.parse import urlsplit

from .. import client as raw
from .._http.route import without_credentials
from ..client import KitsuClient
from ..exception import GazuException
from .schedule import HANDSHAKE_SECONDS

if TYPE_CHECKING:
    from socketio import Client

NAMESPACE = "/events"
#: A busy server needs more than the second that Socket.IO gives it.
CONNECT_TIMEOUT_SECONDS = 10

logger: logging.Logger = logging.getLogger("gazu")


class ConnectionHeaders:
    """The headers of each connection: those of the client, whose access token is renewed where it may have expired.

    That is before the first connection if it has expired by its own date, and before each one after that: when a
    connection was lost, nobody knows for how long.
    """

    def __init__(self, client: KitsuClient) -> None:
        self._client, self._is_first = client, True

    def __call__(self) -> Dict[str, str]:
        from .._http import failures, sender  # loaded here: they load requests
        from .renewal import token_times

        client = self._client
        failures.check_host_is_set(urlsplit(raw.get_event_host(client=client)).hostname)
        if can_renew(client) and (not self._is_first or token_times(client.access_token)[1] <= 0):
            try:
                sender.renew(client, client.access_token)
            except GazuException as error:
                logger.warning("the access token cannot be renewed: %s", error)
        self._is_first = False
        # Without the name, engineio 4 looks at the `auth` of the session, and refuses any that is not a password.
        return {"Authorization": "", **raw.make_auth_header(client=client)}


def can_renew(client: KitsuClient) -> bool:
    """Return whether the client may get a new access token."""
    return bool(client.use_refresh_token and client.refresh_token)


def new_connection(client: KitsuClient, ssl_verify: Optional[bool] = None, **settings: Any) -> "Client":
    """Return a connection that is not connected yet, with the certificates and proxies of the client."""
    from .namespace import EventsNamespace, socketio  # loaded here: most scripts listen to no events

    from .._http.session import Session  # isort: skip

    session = Session()  # of its own: Socket.IO changes the one it has
    session.verify, session.cert = client.session.verify, client.session.cert
    session.proxies = dict(client.session.proxies)
    verify = session.verify is not False if ssl_verify is None else ssl_verify
    settings["websocket_extra_options"] = {**_upgrade_options(), **(settings.get("websocket_extra_options") or {})}
    connection = socketio.Client(**{"http_session": session, "ssl_verify": verify, **settings})
    weakref.finalize(connection, session.close)
    connection.register_namespace(EventsNamespace(NAMESPACE))
    connection.on("connect_error", log_refusal, NAMESPACE)
    return connection


def _upgrade_options() -> Dict[str, Any]:
    """Return the settings of the upgrade; none without websocket-client, as there is no upgrade then."""
    try:
        from .upgrade import EventSocket
    except ImportError:
        return {}
    return {"class_": EventSocket}


def connect(connection: "Client", client: KitsuClient, reasons: Optional[List[Any]] = None) -> None:
    """Connect to the event host of the client; if it refuses the access token, once more with a new one.

    Args:
        reasons: where the handler of `connect_error` puts what the server says.

    Raises:
        StreamRefusedException: the server refuses the token.
        socketio.exceptions.ConnectionError: the server cannot be reached.
    """
    from .namespace import StreamRefusedException, socketio

    from .._http.connections import within  # isort: skip

    host, headers = without_credentials(raw.get_event_host(client=client)), ConnectionHeaders(client)
    for is_last in (not can_renew(client), True):
        # A server that says one thing after another is not heard any longer.
        timer = threading.Timer(HANDSHAKE_SECONDS, lambda: connection.eio.disconnect(abort=True))
        timer.daemon = True
        timer.start()
        try:
            with within(HANDSHAKE_SECONDS):
                connection.connect(host, headers, namespaces=[NAMESPACE], wait_timeout=CONNECT_TIMEOUT_SECONDS)
            return
        except socketio.exceptions.ConnectionError as error:
            if "namespaces failed" not in str(error):  # python-socketio for Python 3.7 says it in no other way
                raise
            if is_last:
                said = reasons[-1] if reasons else error
                raise StreamRefusedException.of(host, said) from None
        except GazuException:  # some are ValueErrors, too
            raise
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # engineio 4 parses whatever comes
            text = f"{host}: the response is not that of an event stream ({error!r:.80})"
            raise socketio.exceptions.ConnectionError(text) from error
        finally:
            timer.cancel()


def log_refusal(data: Any) -> Any:
    """Log that the event stream cannot be reached, and return the reason."""
    logger.warning("the event stream cannot be reached: %s", data)
    return data
