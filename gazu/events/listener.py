"""The listener of `gazu.events`: consumers that read the server's log of events, woken up by its event stream."""

import functools
import inspect
import logging
import os
import signal
import threading
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, TypeVar, Union, overload

from ..client import KitsuClient, default_client
from ..exception import NotAllowedException, ServerErrorException, TransportException
from ..helpers import id_or_none, warn
from ..models import ListenerStatus, Ref
from ..names import nearest
from .checkpoint import CheckpointStore
from .consumer import Consumer, Handler, normalize_keys
from .dead_letters import DeadLetterFile
from .failure import ErrorHandler, Failure
from .log import LogReader
from .names import EVENT_NAMES, STREAM_ONLY_EVENTS, EventName
from .stream import EventStream

#: Between two looks for a signal.
SIGNAL_INTERVAL_SECONDS = 0.2
#: Signals that end `Listener.run`, where the system has them.
STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")

logger: logging.Logger = logging.getLogger("gazu")


#: A handler, which the decorator returns as it is.
H = TypeVar("H", bound=Handler)


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
        on_error: called with a `Failure` (`error`, `event`, `data`, `attempt`, `queue`)
            when a handler raised, in its thread. It returns `gazu.events.RETRY`: the
            handler is called again, after a pause that grows to a minute; `SKIP`: the
            event is given up; or `STOP`: the listener stops, and the event comes again
            with the next start. None is SKIP, and so is an error that it raises;
            anything else stops the listener, and `run` raises a TypeError.
            Without it, each event whose handler raises is given up.
        dead_letters: where events go that are given up: the path of a file, to which a
            line of JSON is appended for each, or a function that is called with the
            `Failure`. An event is not committed before it is there. See `replay`.
        ssl_verify: check the certificate of the event host; as the client does, by default.
        socketio_options: more arguments of `socketio.Client`, for the event stream.
    """

    def __init__(
        self,
        checkpoint: Any = None,
        project: Optional[Ref] = None,
        stream_only: bool = False,
        on_error: Optional[ErrorHandler] = None,
        dead_letters: Any = None,
        ssl_verify: Optional[bool] = None,
        socketio_options: Optional[Mapping[str, Any]] = None,
        client: KitsuClient = default_client,
    ) -> None:
        letters = _file_or_function(dead_letters)
        if stream_only and checkpoint is not None:
            raise ValueError("checkpoint: not with stream_only, as it is a place in the log of events")
        if not isinstance(socketio_options, (Mapping, type(None))):
            raise ValueError(f"socketio_options: expected a dict, got {socketio_options!r:.200}")
        settings = {**(socketio_options or {})}
        if not {"reconnection", "handle_sigint", "ssl_verify"}.isdisjoint(settings):
            raise ValueError("socketio_options: not reconnection, handle_sigint, ssl_verify: the listener has them")
        if on_error is not None:
            _check_function("on_error", on_error)
        self._project, self._stream_only = id_or_none(project), stream_only
        self._client, self._on_error, self._dead_letters = client, on_error, letters
        self._error: Optional[Exception] = None
        self._stopping, self._starting = threading.Event(), threading.Lock()
        self._stopping.set()
        self._log = LogReader(client, self._project)
        self._checkpoints = CheckpointStore(checkpoint)
        if isinstance(letters, DeadLetterFile) and letters.path == self._checkpoints.path:
            raise ValueError(f"dead_letters: {letters.path} is the checkpoint file: use another one")
        settings["ssl_verify"] = ssl_verify
        self._stream = EventStream(client, settings, self._stopping, self._on_event, self._on_change)
        self._consumers: Dict[str, Consumer] = {}

    # -- handlers --
    @overload
    def on(
        self,
        event_name: Union[EventName, str],
        handler: None = None,
        queue: str = "main",
        stream_only: Optional[bool] = None,
    ) -> Callable[[H], H]: ...

    @overload
    def on(
        self, event_name: Union[EventName, str], handler: H, queue: str = "main", stream_only: Optional[bool] = None
    ) -> H: ...

    def on(
        self,
        event_name: Union[EventName, str],
        handler: Optional[Handler] = None,
        queue: str = "main",
        stream_only: Optional[bool] = None,
    ) -> Any:
        """Call *handler* with the data of each event of this name; without it, return a decorator.

        Args:
            event_name: `<what>:<happened>`: `asset:new`, `task:update`, `comment:new`, ...;
                docs/reference/events.md has all of them. Another name is accepted with
                a `GazuWarning`: a plugin of the server may send it.
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
        consumer = self._consumers.get(queue) or self._new_consumer(queue)
        if event_name in consumer.handlers or event_name in consumer.stream_handlers:
            raise ValueError(f"{event_name} has a handler in the queue {queue!r} already: use another queue")
        is_logged = event_name not in STREAM_ONLY_EVENTS if stream_only is None else not stream_only
        handlers = consumer.handlers if is_logged and not self._stream_only else consumer.stream_handlers
        handlers[event_name] = handler
        if event_name not in EVENT_NAMES:
            hint = nearest(event_name.lower(), sorted(EVENT_NAMES)) or ": docs/reference/events.md lists them"
            warn(f"event_name: no known version of Zou sends {event_name!r:.200}{hint}")
        self._consumers[queue] = consumer
        return handler

    def _new_consumer(self, queue: str) -> Consumer:
        letters = self._dead_letters
        give_up = letters.put if isinstance(letters, DeadLetterFile) else letters
        shared = self._log, self._checkpoints, self._stopping, self._stream.is_connected
        return Consumer(queue, *shared, self._on_error, give_up, self._stop_with)

    # -- start and stop --
    def start(self) -> None:
        """Listen in threads, until `stop`; installs nothing in the host application.

        Raises:
            NotAllowedException: the account may not read the log of events.
            NotAuthenticatedException: it is not logged in.
            ValueError: there is no handler, or the file is a checkpoint for another server, or not a checkpoint.
            OSError: the file, or that of the dead letters, cannot be read or written.
            TypeError: `socketio.Client` has no such option.
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
            if isinstance(self._dead_letters, DeadLetterFile):
                self._dead_letters.check()
            self._error = None
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

        It raises what `start` does, and a TypeError if *on_error* returned no action.

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
        if self._error is not None:
            raise self._error

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

    def _stop_with(self, error: Optional[Exception]) -> None:
        """Stop, from a thread of a consumer, which does not wait."""
        self._error = self._error or error
        self._stopping.set()
        for consumer in self._consumers.values():
            consumer.wake_up()

    def replay(self, dead_letters: Union[None, str, "os.PathLike[str]", Iterable[Failure]] = None) -> List[Failure]:
        """Call the handlers again with events that were given up, each once, and return those that remain.

            listener.on("task:update", check_task)
            listener.replay("dead-letters.jsonl")

        It works in the calling thread, whether the listener runs or not: *on_error* is not
        asked, and handlers of one queue are never called at the same time in this process. An
        event that its handler takes leaves the file at once; if the process is killed between
        the two, it comes again. One whose handler raises stays, with the new error. One
        that has no handler in its queue stays too, with a warning. What is given up meanwhile is
        for the next replay.

        Args:
            dead_letters: the path of the file, or the failures that a function received.
                Default: the file of the listener.

        Raises:
            ValueError: there is no file.
            RuntimeError: the file is being replayed by somebody else.
        """
        letters = self._dead_letters if dead_letters is None else dead_letters
        if isinstance(letters, (str, bytes, os.PathLike)):
            letters = DeadLetterFile(letters)
        if isinstance(letters, DeadLetterFile):
            return letters.replay(self._call_again)
        failures: List[Any] = list(letters) if isinstance(letters, Iterable) else [None]
        if not all(isinstance(failure, Failure) for failure in failures):
            raise ValueError("dead_letters: expected the path of a file, or the failures that a function received")
        return [left for left in map(self._call_again, failures) if left]

    def _call_again(self, failure: Failure) -> Optional[Failure]:
        """Call the handler of an event that was given up; return the failure that remains."""
        consumer = self._consumers.get(failure.queue)
        if consumer is not None and consumer.handles(failure.event):
            return consumer.call_again(failure)
        warn(f"{failure.event} has no handler in the queue {failure.queue!r}: it stays among the dead letters")
        return failure

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
        problems = [
            self._error and str(self._error),
            self._checkpoints.problem,
            *(consumer.problem for consumer in consumers),
            self._stream.problem,
        ]
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
                consumer.notify(name, normalize_keys(data))

    def _on_change(self, can_poll: bool) -> None:
        for consumer in self._consumers.values():
            consumer.notifications_missed(can_poll)


def _file_or_function(dead_letters: Any) -> Any:
    if isinstance(dead_letters, (str, bytes, os.PathLike)):
        return DeadLetterFile(dead_letters)
    if dead_letters is not None and not callable(dead_letters):
        raise ValueError(f"dead_letters: expected the path of a file or a function, got {dead_letters!r:.200}")
    if dead_letters is not None:
        _check_function("dead_letters", dead_letters)
    return dead_letters


def _check_function(name: str, value: Any) -> None:
    if not callable(value):
        raise ValueError(f"{name}: expected a function, got {value!r:.200}")
    if inspect.iscoroutinefunction(value):
        raise TypeError(
            f"{name}: the listener does not await the coroutine function {value!r:.200}; pass a function that runs it,"
            f" as lambda *args: asyncio.run({name}(*args))"
        )
