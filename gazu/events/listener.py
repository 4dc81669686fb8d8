"""The listener of `gazu.events`: consumers that read the server's log of events, woken up by its event stream."""

import functools
import inspect
import logging
import signal
import threading
import time
from typing import Any, Dict, Iterable, List, Optional

from ..client import KitsuClient, default_client
from ..exception import NotAllowedException, ServerErrorException, TransportException
from ..helpers import id_or_none
from ..models import ListenerStatus, Ref
from .checkpoint import CheckpointStore
from .consumer import Consumer, ErrorHandler, Handler
from .log import LogReader
from .stream import EventStream

#: Events that the server does not keep in its log (Zou 1.0.97), so that only the stream has them.
STREAM_ONLY_EVENTS = frozenset(
    (
        "chat:deleted-message", "chat:joined", "chat:left", "chat:new-message", "comment:acknowledge",
        "comment:delete-reply", "comment:unacknowledge", "main:test", "notification:new", "task:update-casting-stats",
    )
)  # fmt: skip
#: Between two looks for a signal.
SIGNAL_INTERVAL_SECONDS = 0.2
#: Signals that end `Listener.run`, where the system has them.
STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")

logger: logging.Logger = logging.getLogger("gazu")


class Listener:
    """Call handlers with the events of the server: each event once and in order, whatever fails in between.

        listener = gazu.events.Listener("~/.cache/my-service/events.json")
        listener.on("task:update", check_task)
        listener.on("preview-file:add-file", convert, queue="movies")
        listener.run()

    It reads the server's log of events (`GET data/events/last`) when the event stream
    notifies it of an event, and at intervals; so events that occurred while the server,
    the network or this process was down are handled first when it is back. The exact
    guarantees are in docs/explanation/events.md.

    Args:
        checkpoint: the file that records which events are handled, so that the next
            process resumes there; for one listener only. Without it, the listener
            begins with events after `start`.
        project: only events of this one.
        stream_only: use the event stream only, for an account that may not read the
            log: events are lost while the stream is not connected.
        on_error: called with (error, event name, data) when a handler raised, in its
            thread; if it returns True, the handler is called again, after pauses
            that grow to a minute.
        settings: those of `gazu.events.init`, such as *ssl_verify*, for the event stream.
    """

    def __init__(
        self,
        checkpoint: Any = None,
        project: Optional[Ref] = None,
        stream_only: bool = False,
        on_error: Optional[ErrorHandler] = None,
        client: KitsuClient = default_client,
        **settings: Any,
    ) -> None:
        if stream_only and checkpoint is not None:
            raise ValueError("checkpoint: not with stream_only, as it is a place in the log of events")
        if not {"reconnection", "handle_sigint"}.isdisjoint(settings):
            raise ValueError("reconnection and handle_sigint are set by the listener")
        if on_error is not None:
            _check_function("on_error", on_error)
        self._project, self._stream_only = id_or_none(project), stream_only
        self._client, self._on_error = client, on_error
        self._stopping, self._starting = threading.Event(), threading.Lock()
        self._stopping.set()
        self._log = LogReader(client, self._project)
        self._checkpoints = CheckpointStore(checkpoint)
        self._stream = EventStream(client, settings, self._stopping, self._on_event, self._on_change)
        self._consumers: Dict[str, Consumer] = {}

    # -- handlers --
    def on(
        self,
        event_name: str,
        handler: Optional[Handler] = None,
        queue: str = "main",
        stream_only: Optional[bool] = None,
    ) -> Any:
        """Call *handler* with the data of each event of this name; without it, return a decorator.

        Args:
            event_name: `<what>:<happened>`: `asset:new`, `task:update`, `comment:new`, ...
            handler: called with `{"project_id": ..., "<what>_id": ..., ..., "event_id": ...}`;
                the last one is the id in the log, the same when the event comes again.
            queue: handlers of one queue are called one after the other, in a thread of
                their own; a slow one delays no other queue.
            stream_only: take the event from the stream only, without `event_id`, for events
                that the server does not log. Default: as Zou 1.0.97 does it.

        Raises:
            ValueError: the name is not valid, or has a handler in this queue already.
            TypeError: the handler is a coroutine function, which the listener does not await.
            RuntimeError: the listener is running.
        """
        if not (isinstance(event_name, str) and event_name.partition(":")[2]):
            raise ValueError(f"event_name: expected <what>:<happened>, as in task:update, got {event_name!r:.200}")
        if not (isinstance(queue, str) and queue):
            raise ValueError(f"queue: expected a name, got {queue!r:.200}")
        if handler is None:
            return functools.partial(self.on, event_name, queue=queue, stream_only=stream_only)
        _check_function("handler", handler)
        if self._threads():
            raise RuntimeError("the listener is running: add handlers before it starts")
        shared = self._log, self._checkpoints, self._stopping, self._stream.is_connected, self._on_error
        consumer = self._consumers.setdefault(queue, Consumer(queue, *shared))
        if event_name in consumer.handlers or event_name in consumer.stream_handlers:
            raise ValueError(f"{event_name} has a handler in the queue {queue!r} already: use another queue")
        is_logged = event_name not in STREAM_ONLY_EVENTS if stream_only is None else not stream_only
        handlers = consumer.handlers if is_logged and not self._stream_only else consumer.stream_handlers
        handlers[event_name] = handler
        return handler

    # -- start and stop --
    def start(self) -> None:
        """Listen in threads, until `stop`; installs nothing in the host application.

        Raises:
            NotAllowedException: the account may not read the log of events.
            NotAuthenticatedException: it is not logged in.
            ValueError: there is no handler, or the file is a checkpoint for another server, or not a checkpoint.
            OSError: the file cannot be read or written.
            TypeError: the event stream has no such setting.
            RuntimeError: the listener is running.
        """
        if not self._consumers:
            raise ValueError("the listener has no handler: call on() first")
        with self._starting:
            if self._threads():
                raise RuntimeError("the listener is running, or a handler is not done yet: stop() returns if it is")
            consumers = self._consumers.values()
            self._stream.names = {name for one in consumers for name in (*one.handlers, *one.stream_handlers)}
            self._stream.new_connection()  # wrong settings are an error here, not later in a thread
            self._stopping.clear()  # already now, so that a stop() from another thread counts
            try:
                is_replay = self._resume([consumer for consumer in consumers if consumer.handlers])
                for consumer in consumers:
                    consumer.start(is_replay)
                self._stream.start()
            except BaseException:
                self._stopping.set()
                raise

    def _resume(self, consumers: Iterable[Consumer]) -> bool:
        """Find out where each queue begins; True if there was a checkpoint, so that there may be events since."""
        store = self._checkpoints
        if not store.checkpoints:  # else it is started again
            store.load(self._client.host)
        is_known = bool(store.checkpoints)
        newest = max((checkpoint.until for checkpoint in store.checkpoints.values()), default=None)
        handlers = {consumer.queue: consumer.handlers for consumer in consumers}
        store.rebalance(handlers)
        try:
            if handlers:
                self._log.page(limit=1)  # may the account read it?
            new = [queue for queue in handlers if queue not in store.checkpoints]
            if new:
                until, ids = self._log.head(newest)
                for queue in new:
                    store.begin(queue, until, ids, handlers[queue])
        except NotAllowedException as error:
            raise NotAllowedException(
                "the account may not read the log of events, only managers (of their productions) and administrators"
                " may; Listener(stream_only=True) works without it, and loses events while it is not connected"
            ) from error
        except (TransportException, ServerErrorException) as error:
            logger.warning("the listener begins when the server can be reached: %s", error)
        return is_known

    def run(self, timeout: float = 30.0) -> None:
        """Listen until `stop` is called or, in the main thread, until SIGINT, SIGTERM or SIGBREAK.

        It raises what `start` does.

        Args:
            timeout: seconds that handlers have to finish the current event.
        """
        signals: List[int] = []
        is_mine = False
        old: Dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            known = [getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)]
            old = {number: signal.getsignal(number) for number in known}
        try:
            for number in old:
                signal.signal(number, lambda number, frame: signals.append(number))
            self.start()
            is_mine = True
            # In short waits: a signal handler must not set an event that is being waited for.
            while not signals and not self._stopping.wait(SIGNAL_INTERVAL_SECONDS):
                pass
        finally:
            for number, handler in old.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            if is_mine and not self.stop(timeout):
                logger.warning("a handler is not done yet: its event comes again with the next start")

    def stop(self, timeout: float = 30.0) -> bool:
        """Stop: no handler is called any more. It may be called from any thread, and more than once.

        Args:
            timeout: seconds to wait for handlers to finish, and for pending requests.
                A handler that calls it does not wait, as others may do the same.

        Returns:
            True if all threads have ended, so never to a handler. The event of a handler
            that goes on counts as handled if it returns before the process ends.
        """
        self._stopping.set()
        for consumer in self._consumers.values():
            consumer.wake_up()
        deadline, threads = time.monotonic() + timeout, self._threads()
        for thread in [] if threading.current_thread() in threads else threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._checkpoints.save()
        return not self._threads()

    def __enter__(self) -> "Listener":
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()

    def _threads(self) -> List[threading.Thread]:
        threads = [self._stream.thread, *(consumer.thread for consumer in self._consumers.values())]
        return [thread for thread in threads if thread is not None and thread.is_alive()]

    # -- status --
    @property
    def connected(self) -> bool:
        """If the event stream is connected."""
        return self._stream.is_connected()

    def status(self) -> ListenerStatus:
        """Return the status, for health checks; never waits for the server."""
        consumers = list(self._consumers.values())
        lags = {consumer.queue: consumer.lag() for consumer in consumers}
        problems = [self._checkpoints.problem, *(consumer.problem for consumer in consumers), self._stream.problem]
        return ListenerStatus(
            running=bool(self._threads()),
            connected=self.connected,
            lag=max(lags.values(), default=0.0),
            last_event=max((consumer.last_event for consumer in consumers if consumer.last_event), default=None),
            handled=sum(consumer.handled for consumer in consumers),
            replayed=sum(consumer.replayed for consumer in consumers),
            failed=sum(consumer.failed for consumer in consumers),
            dropped=sum(consumer.dropped for consumer in consumers),
            problem=next((problem for problem in problems if problem), None),
            queues=lags,
        )

    # -- what the stream reports --
    def _on_event(self, name: str, data: Dict[str, Any]) -> None:
        if self._project is None or data.get("project_id") == self._project:
            for consumer in self._consumers.values():
                consumer.notify(name, data)

    def _on_change(self, can_poll: bool) -> None:
        for consumer in self._consumers.values():
            consumer.notifications_missed(can_poll)


def _check_function(name: str, value: Any) -> None:
    if not callable(value):
        raise ValueError(f"{name}: expected a function, got {value!r:.200}")
    if inspect.iscoroutinefunction(value):
        raise TypeError(
            f"{name}: the listener does not await the coroutine function {value!r:.200}; pass a function that runs it,"
            f" as lambda *args: asyncio.run({name}(*args))"
        )
