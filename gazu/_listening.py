"""The listener of `gazu.events`: the server's log of events is the truth, its event stream the door bell."""

import base64
import functools
import inspect
import json
import logging
import math
import signal
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from . import events, sync
from ._http import sender
from ._lanes import LONGEST, SPARING, Handler, Lane
from ._position import BEGINNING, WINDOW, Position, later
from .client import KitsuClient, default_client
from .exception import NotAllowedException, ServerErrorException, TransportException
from .helpers import id_or_none
from .models import Event, ListenerStatus, Ref

#: Events that the server does not keep in its log (Zou 1.0.97), so that they come by the stream only.
NOT_LOGGED = frozenset(
    (
        "chat:deleted-message", "chat:joined", "chat:left", "chat:new-message", "comment:acknowledge",
        "comment:delete-reply", "comment:unacknowledge", "main:test", "notification:new", "task:update-casting-stats",
    )
)  # fmt: skip
#: More events than any two seconds have.
ALL = 1000000

logger = logging.getLogger("gazu")


class Listener:
    """Call handlers with what happens on the server: each event once and in order, whatever fails in between.

        listener = gazu.events.Listener("~/.cache/my-service/events.json")
        listener.on("task:update", look_at_task)
        listener.on("preview-file:add-file", convert, lane="movies")
        listener.run()

    It reads the server's log of events (`GET data/events/last`) whenever the event
    stream says that something has happened, and now and then; so what happened
    while the server, the network or this process was away is handled first when it
    is back. What this means exactly is in docs/explanation/events.md.

    Args:
        position: the file that says how far the handlers are, so that the next
            process goes on from there; for one listener only. Without it, the
            listener begins with what happens after `start`.
        project: only what happens in this one.
        live_only: use the event stream only, for an account that may not read the
            log: what happens while the connection is away is lost.
        on_error: called with (error, event name, data) when a handler raised, in its
            thread; if it returns True, the handler is called again, after pauses
            that grow to a minute.
        settings: those of `gazu.events.init`, as *ssl_verify*, for the event stream.
    """

    def __init__(
        self,
        position: Any = None,
        project: Optional[Ref] = None,
        live_only: bool = False,
        on_error: Optional[Callable[[BaseException, str, Dict[str, Any]], Any]] = None,
        client: KitsuClient = default_client,
        **settings: Any,
    ) -> None:
        if live_only and position is not None:
            raise ValueError("position: with live_only there is none, as it is one in the log of events")
        if not {"reconnection", "handle_sigint"}.isdisjoint(settings):
            raise ValueError("reconnection and handle_sigint are the business of the listener")
        if on_error is not None:
            _check_function("on_error", on_error)
        self._path = Position(position, "").path  # of now, as the process may go to another folder
        self._project, self._live_only = id_or_none(project), live_only
        self._on_error, self._client, self._settings = on_error, client, settings
        self._lanes: Dict[str, Lane] = {}
        self._position = Position(None, "")
        self._stopping = threading.Event()
        self._stopping.set()
        self._starting = threading.Lock()
        self._thread: Optional[threading.Thread] = None
        self._connection: Any = None
        self._problem: Optional[str] = None
        self._token: Optional[str] = None
        self._renew_at = math.inf

    # -- handlers --
    def on(
        self, event_name: str, handler: Optional[Handler] = None, lane: str = "main", live: Optional[bool] = None
    ) -> Any:
        """Call *handler* with the data of each event of this name; without it, return a decorator.

        Args:
            event_name: `<what>:<happened>`: `asset:new`, `task:update`, `comment:new`, ...
            handler: called with `{"project_id": ..., "<what>_id": ..., ..., "event_id": ...}`;
                the last one is the id in the log, the same when the event comes again.
            lane: handlers of one lane are called one after the other, in a thread of
                their own; a slow one holds up no other lane.
            live: take the event from the stream only, without `event_id`, for events
                that the server does not log. Default: as Zou 1.0.97 does it.

        Raises:
            ValueError: the name is none, or has a handler in this lane already.
            TypeError: the handler is a coroutine function, which nobody would await.
            RuntimeError: the listener runs.
        """
        if not (isinstance(event_name, str) and event_name.partition(":")[2]):
            raise ValueError(f"event_name: expected <what>:<happened>, as in task:update, got {event_name!r:.200}")
        if not (isinstance(lane, str) and lane):
            raise ValueError(f"lane: expected a name, got {lane!r:.200}")
        if handler is None:
            return functools.partial(self.on, event_name, lane=lane, live=live)
        _check_function("handler", handler)
        if self._threads():
            raise RuntimeError("the listener runs: handlers are named before it starts")
        row = self._lanes.setdefault(lane, Lane(lane, self))
        if event_name in row.handlers or event_name in row.live:
            raise ValueError(f"{event_name} has a handler in the lane {lane!r} already: take another lane")
        live = event_name in NOT_LOGGED if live is None else live
        (row.live if live or self._live_only else row.handlers)[event_name] = handler
        return handler

    # -- life --
    def start(self) -> None:
        """Listen in threads, until `stop`; installs nothing in the host application.

        Raises:
            NotAllowedException: the account may not read the log of events.
            NotAuthenticatedException: it is not logged in.
            ValueError: there is no handler, or the file is the position on another server, or no position.
            OSError: the file cannot be read or written.
            TypeError: the event stream has no such setting.
            RuntimeError: the listener runs.
        """
        if not self._lanes:
            raise ValueError("the listener has no handler: call on() first")
        with self._starting:
            if self._threads():
                raise RuntimeError("the listener runs, or is not done with the last event: stop() tells when it is")
            self._stream()  # settings that cannot be are an error here, not later in a thread
            self._stopping.clear()  # already now, so that a stop() from another thread counts
            try:
                self._begin_threads(self._where([lane for lane in self._lanes.values() if lane.handlers]))
            except BaseException:
                self._stopping.set()
                raise

    def _begin_threads(self, replays: bool) -> None:
        for lane in self._lanes.values():
            lane.start(replays)
        self._thread = threading.Thread(target=self._listen, name="gazu-events", daemon=True)
        self._thread.start()

    def _where(self, lanes: List[Lane]) -> bool:
        """Find out where to begin; True if something may have happened since."""
        if not self._position.marks:  # else it is started again
            position = Position(self._path, self._client.host)
            position.load()
            self._position = position
        known = bool(self._position.marks)
        newest = max((mark.until for mark in self._position.marks.values()), default=None)
        self._position.assign({lane.name: lane.handlers for lane in lanes})
        try:
            if lanes:
                self._page(limit=1)
                self._begin([lane for lane in lanes if lane.name not in self._position.marks], newest)
        except NotAllowedException as error:
            raise NotAllowedException(
                "the account may not read the log of events, only managers (of their productions) and administrators"
                " may; Listener(live_only=True) does without it, and loses what happens while it is not connected"
            ) from error
        except (TransportException, ServerErrorException) as error:
            logger.warning("the listener begins when the server can be reached: %s", error)
        return known

    def _begin(self, lanes: List[Lane], until: Optional[str] = None) -> None:
        """Have lanes begin with what happens from now on, or with what happened since *until*."""
        if not lanes:
            return
        if until is None:
            until = next((event["created_at"] for event in self._page(limit=1)), BEGINNING)
        known = self._page(after=later(until, -WINDOW), before=later(until, 1), limit=ALL) if until != BEGINNING else []
        for lane in lanes:
            self._position.begin(lane.name, until, {event["id"]: event["created_at"] for event in known}, lane.handlers)

    def run(self, timeout: float = 30.0) -> None:
        """Listen until `stop` is called or, in the main thread, until SIGINT or SIGTERM; it raises what `start` does.

        Args:
            timeout: seconds that handlers have to finish the event that they are at.
        """
        signals: List[int] = []
        mine = False
        old: Dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            old = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for number in old:
                signal.signal(number, lambda number, frame: signals.append(number))
            self.start()
            mine = True
            # In short waits: a handler of signals must not set an event that is being waited for.
            while not signals and not self._stopping.wait(0.2):
                pass
        finally:
            for number, handler in old.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            if mine and not self.stop(timeout):
                logger.warning("a handler is still at work: its event comes again the next time")

    def stop(self, timeout: float = 30.0) -> bool:
        """End: no handler is called any more. It may be called from any thread, and more than once.

        Args:
            timeout: seconds to wait for the handlers at work and for requests on their way.
                A handler that calls it waits for nobody, as others may do the same.

        Returns:
            True if all threads have ended, so never to a handler. The event of a handler
            that goes on counts as handled if it returns before the process ends.
        """
        self._stopping.set()
        for lane in self._lanes.values():
            lane.missed(hurry=False)
        deadline, threads = time.monotonic() + timeout, self._threads()
        for thread in [] if threading.current_thread() in threads else threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._position.save()
        return not self._threads()

    def __enter__(self) -> "Listener":
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()

    def _threads(self) -> List[threading.Thread]:
        threads = [self._thread, *(lane.thread for lane in self._lanes.values())]
        return [thread for thread in threads if thread is not None and thread.is_alive()]

    # -- how it is --
    @property
    def connected(self) -> bool:
        """If the event stream is connected."""
        return self._connection is not None and bool(self._connection.connected)

    def status(self) -> ListenerStatus:
        """Tell how it goes; quick, and never waits for the server."""
        lanes = list(self._lanes.values())
        lags = {lane.name: lane.lag() for lane in lanes}
        problems = [self._position.problem, *(lane.problem for lane in lanes), self._problem]
        return ListenerStatus(
            running=bool(self._threads()),
            connected=self.connected,
            lag=max(lags.values(), default=0.0),
            last_event=max((lane.last for lane in lanes if lane.last), default=None),
            handled=sum(lane.handled for lane in lanes),
            replayed=sum(lane.replayed for lane in lanes),
            failed=sum(lane.failed for lane in lanes),
            dropped=sum(lane.dropped for lane in lanes),
            problem=next((problem for problem in problems if problem), None),
            lanes=lags,
        )

    # -- the log --
    def _page(self, after: Optional[str] = None, before: Optional[str] = None, limit: int = 0) -> List[Event]:
        limit = limit or sync.EVENTS_AT_ONCE
        return sync.get_last_events(limit, self._project, after, before, client=self._client)

    def _pages(self, after: str) -> Iterator[List[Event]]:
        """Yield all events after a date, the oldest first, without having more than a page of them at hand.

        The server gives the newest ones only, and knows dates to the second: so a
        long past is read in slices of time that overlap by a second.
        """
        page = self._page(after)
        if len(page) < sync.EVENTS_AT_ONCE:
            yield page[::-1]
            return
        newest, span = page[0]["created_at"], 64
        while after <= newest:
            page = self._page(later(after, -1), later(after, span), ALL if span == 1 else 0)
            if len(page) >= sync.EVENTS_AT_ONCE and span > 1:
                span = max(1, span // 8)
                continue
            yield page[::-1]
            after, span = later(after, span), span * 2

    # -- the stream --
    def _listen(self) -> None:
        """Keep the token fresh and the event stream connected: the thread of both."""
        pause = retry_at = 0.0
        try:
            while not self._stopping.is_set():
                self._keep_token()
                if self._connection is not None and not self.connected:
                    logger.warning("the event stream is disconnected")
                    self._connection = None
                    self._tell(False)
                if self._connection is None and time.monotonic() >= retry_at:
                    self._connect()
                    pause = 0.0 if self.connected else min(LONGEST, max(1.0, pause * 2))
                    retry_at = time.monotonic() + pause
                self._stopping.wait(0.25)
        except BaseException as error:
            logger.exception("the thread of the event stream has ended")
            self._problem = f"the thread of the event stream has ended: {error!r}"
        finally:
            if self._connection is not None:
                self._connection.disconnect()
            self._connection = None

    def _stream(self) -> Any:
        """Return a connection that is not connected yet."""
        connection = events._new_connection(self._client, reconnection=False, handle_sigint=False, **self._settings)
        for name in {name for lane in self._lanes.values() for name in (*lane.handlers, *lane.live)}:
            connection.on(name, functools.partial(self._hear, name), events.NAMESPACE)
        return connection

    def _connect(self) -> None:
        try:
            connection = self._stream()
            events._connect(connection, self._client)
        except Exception as error:  # whatever it is, the next attempt may do better
            self._problem = f"the event stream cannot be reached: {error}"
            return
        self._connection, self._problem = connection, None
        self._tell(True)

    def _tell(self, connected: bool) -> None:
        for lane in self._lanes.values():
            lane.missed(hurry=connected)

    def _hear(self, name: str, data: Any = None) -> None:
        data = data if isinstance(data, dict) else {}
        if self._project is None or data.get("project_id") == self._project:
            for lane in self._lanes.values():
                if name in lane.handlers or name in lane.live:
                    lane.hear(name, data)

    def _keep_token(self) -> None:
        """Renew the access token when a fifth of its life is left."""
        client, now = self._client, time.monotonic()
        if client.access_token != self._token:
            known, self._token = self._token is not None, client.access_token
            life, left = _life(self._token)
            # A clock that is wrong makes new tokens look old: no renewal before a tenth of their life.
            self._renew_at = now + max(left - life / 5, life / 10 if known else 0.0)
            self._tell(self._token is not None)  # those who were refused need not wait
        if now >= self._renew_at and client.use_refresh_token and client.refresh_token:
            self._renew_at = now + SPARING
            try:
                sender.renew(client, self._token)
            except Exception as error:
                logger.warning("the access token cannot be renewed: %s", error)


def _check_function(name: str, value: Any) -> None:
    if not callable(value):
        raise ValueError(f"{name}: expected a function, got {value!r:.200}")
    if inspect.iscoroutinefunction(value):
        raise TypeError(
            f"{name}: nobody awaits the coroutine function {value!r:.200}; pass a function that runs it,"
            f" as lambda *args: asyncio.run({name}(*args))"
        )


def _life(token: Optional[str]) -> Tuple[float, float]:
    """Return the seconds that a JWT lives, and those that are left of it; without end if it says nothing of it."""
    try:
        part = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(claims["exp"] - claims["iat"]), claims["exp"] - time.time()
    except (ValueError, IndexError, KeyError, TypeError):
        return 0.0, math.inf
