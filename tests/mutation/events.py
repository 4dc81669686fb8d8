"""Mutants of the listener of events and of its parts."""

from . import Mutant

TESTS = [
    "tests/unit/test_schedule.py",
    "tests/unit/test_events.py",
    "tests/unit/test_listener.py",
    "tests/unit/test_dead_letters.py",
]
SCHEDULE = "gazu/events/schedule.py"
CONSUMER = "gazu/events/consumer.py"
CHECKPOINT = "gazu/events/checkpoint.py"
LETTERS = "gazu/events/dead_letters.py"
LOCK = "gazu/events/file_lock.py"
LOG = "gazu/events/log.py"
STREAM = "gazu/events/stream.py"
CONNECTION = "gazu/events/connection.py"
RENEWAL = "gazu/events/renewal.py"
LISTENER = "gazu/events/listener.py"
INIT = "gazu/events/__init__.py"
MUTANTS = [
    # When the log is polled.
    Mutant(SCHEDULE, "if self.pending and self.state is State.CAUGHT_UP:", "if self.pending:"),
    Mutant(SCHEDULE, "self.missed or now >= self.next_full_scan", "self.missed"),
    Mutant(SCHEDULE, "self.missed = not connected", "self.missed = False"),
    Mutant(SCHEDULE, "            self.deadline = math.inf\n", ""),
    Mutant(SCHEDULE, "elif self.state is not State.BACKING_OFF:", "else:"),
    Mutant(SCHEDULE, "max(0, self.pending - found)", "self.pending - found"),
    Mutant(SCHEDULE, "            else:  # what a full", "            if True:  # what a full"),
    Mutant(SCHEDULE, "attempts < MAX_RETRIES", "attempts <= MAX_RETRIES"),
    Mutant(SCHEDULE, "State.CAUGHT_UP, 0, 0\n", "State.CAUGHT_UP, 0, self.pending\n"),
    Mutant(SCHEDULE, "self.attempts if self.state is State.AWAITING_LOG else 0", "self.attempts"),
    Mutant(SCHEDULE, "min(self.deadline, poll.started + interval)", "poll.started + interval"),
    Mutant(SCHEDULE, "self.missed = self.missed or poll.is_replay\n", "pass\n"),
    Mutant(SCHEDULE, "2.0 ** min(self.attempts, 9) / 2", "2.0 ** min(self.attempts, 3) / 2"),
    # What a consumer does with an event.
    Mutant(CONSUMER, "except BaseException as error:  # sys.exit()", "except Exception as error:  # sys.exit()"),
    Mutant(CONSUMER, "except BaseException as error:  # whatever", "except Exception as error:  # whatever"),
    Mutant(
        CONSUMER,
        '        except BaseException:\n            logger.exception("on_error',
        '        except Exception:\n            logger.exception("on_error',
    ),
    Mutant(CONSUMER, "attempt += 1\n            try:", "attempt = 1\n            try:"),
    Mutant(CONSUMER, "if action is RETRY:", "if action is not STOP:"),
    Mutant(CONSUMER, "if action is STOP or not self._is_given_up(failure):", "if not self._is_given_up(failure):"),
    Mutant(CONSUMER, "if action is STOP or not self._is_given_up(failure):", "if action is STOP:"),
    Mutant(CONSUMER, "error, name, dict(data), attempt, self.queue)", "error, name, data, attempt, self.queue)"),
    Mutant(CONSUMER, "        self._stop(error)\n", ""),
    Mutant(CONSUMER, "        if action is not STOP:  # nobody", "        if False:  # nobody"),
    Mutant(CONSUMER, "        if action is None:\n            return SKIP\n", ""),
    Mutant(CONSUMER, "            if self._stopping.wait(_pause(attempt)):\n", "            if True:\n"),
    Mutant(CONSUMER, "            if self._stopping.wait(_pause(attempt)):\n", "            if False:\n"),
    Mutant(
        CONSUMER,
        "            with self._calling:\n                handler(dict(failure.data))",
        "            if True:\n                handler(dict(failure.data))",
    ),
    Mutant(CONSUMER, "except (Exception, SystemExit) as error:", "except Exception as error:"),
    Mutant(CONSUMER, "failure._replace(error=error, attempt=failure.attempt + 1)", "failure._replace(error=error)"),
    Mutant(CONSUMER, '_normalize_key(key) if key.endswith("_id") else key', "_normalize_key(key)"),
    Mutant(CONSUMER, '_normalize_key(key) if key.endswith("_id") else key', "key"),
    Mutant(CONSUMER, '_NEXT_WORD.sub("_", key)', "key"),
    Mutant(CONSUMER, '.replace("-", "_").lower()', ".lower()"),
    Mutant(CONSUMER, "handler(dict(data))", "handler(data)"),
    Mutant(CONSUMER, 'normalize_keys(event["data"] or {})', 'normalize_keys(event["data"])'),
    Mutant(CONSUMER, 'and event["id"] not in checkpoint.ids', ""),
    Mutant(CONSUMER, '            self._checkpoints.commit(self.queue, event["id"], event["created_at"])\n', ""),
    Mutant(CONSUMER, "        if done:\n", "        if True:\n"),
    Mutant(CONSUMER, "self.replayed += poll.is_replay", "self.replayed += 1"),
    Mutant(CONSUMER, "LATE_WINDOW_SECONDS if poll.is_full else OVERLAP_SECONDS", "OVERLAP_SECONDS"),
    Mutant(
        CONSUMER,
        "LATE_WINDOW_SECONDS if poll.is_full else OVERLAP_SECONDS",
        "LATE_WINDOW_SECONDS if poll.is_full else 0",
    ),
    Mutant(CONSUMER, "                if self._stopping.is_set():\n                    return found\n", ""),
    Mutant(
        CONSUMER,
        "if len(self._stream_events) < STREAM_QUEUE_EVENTS:",
        "if len(self._stream_events) <= STREAM_QUEUE_EVENTS:",
    ),
    Mutant(CONSUMER, "        else:\n            return\n        self._wake_up.set()\n", ""),
    Mutant(CONSUMER, "while self._stream_events and not self._stopping.is_set():", "while self._stream_events:"),
    Mutant(
        CONSUMER,
        '            self.last_event = event["created_at"]\n            self.replayed += poll.is_replay\n            self._handle_stream_events()',
        '            self.last_event = event["created_at"]\n            self.replayed += poll.is_replay',
    ),
    Mutant(
        CONSUMER,
        "is_refusal = isinstance(error, (NotAllowedException, NotAuthenticatedException))",
        "is_refusal = False",
    ),
    Mutant(CONSUMER, "logging.DEBUG if text == self.problem else logging.WARNING", "logging.WARNING"),
    Mutant(CONSUMER, "logging.DEBUG if self.dropped > 1 else logging.WARNING", "logging.WARNING"),
    Mutant(CONSUMER, "            self.problem = None\n\n    def _read", "\n    def _read"),
    Mutant(CONSUMER, "2.0 ** min(attempt, 8)", "2.0"),
    # What is given up.
    Mutant(LETTERS, "        text = pattern.sub(shown, text)\n", "        pass\n"),
    Mutant(LETTERS, 'b"\\n" * was_cut + _line(failure)', "_line(failure)"),
    Mutant(LETTERS, 'written.read() not in (b"", b"\\n")', "True"),
    Mutant(LETTERS, "                os.fsync(written.fileno())\n", ""),
    Mutant(LETTERS, 'with locked(self.path + ".replay.lock", wait=False):', "if True:"),
    Mutant(LETTERS, "            if left is not failure:\n", "            if left is None:\n"),
    Mutant(LETTERS, 'self._exchange(line, _line(left) if left else b"")', "pass"),
    Mutant(LETTERS, "            remaining += [left] if left else []\n", ""),
    Mutant(LETTERS, "            if old not in lines:\n                return\n", "", survives="only one replays"),
    Mutant(LETTERS, "        with self._locked():\n            lines", "        if True:\n            lines"),
    Mutant(LETTERS, 'getattr(os, "O_BINARY", 0), 0o600', 'getattr(os, "O_BINARY", 0), 0o666'),
    Mutant(LETTERS, "os.path.abspath(os.path.expanduser(os.fsdecode(path)))", "os.path.abspath(os.fsdecode(path))"),
    Mutant(LETTERS, "str(error) if isinstance(error, GivenUp) else", "str(error) if False else"),
    Mutant(LETTERS, "if isinstance(data, dict) and isinstance(event, str)", "if isinstance(data, dict)"),
    Mutant(LOCK, "        if os.path.samestat(os.fstat(file), os.stat(path)):\n", "        if True:\n"),
    Mutant(LOCK, "            os.unlink(path)\n", "            pass\n"),
    Mutant(LOCK, "(BlockingIOError, PermissionError, FileNotFoundError)", "(BlockingIOError, FileNotFoundError)"),
    # What is recorded.
    Mutant(
        CHECKPOINT, "        self.until = max(self.until, date)\n        if", "        self.until = date\n        if"
    ),
    Mutant(CHECKPOINT, "-2 * LATE_WINDOW_SECONDS", "-LATE_WINDOW_SECONDS / 2"),
    Mutant(CHECKPOINT, "if date >= oldest", "if True"),
    Mutant(CHECKPOINT, "os.path.abspath(os.path.expanduser(os.fsdecode(path)))", "os.path.abspath(os.fsdecode(path))"),
    Mutant(
        CHECKPOINT, "os.path.abspath(os.path.expanduser(os.fsdecode(path)))", "os.path.expanduser(os.fsdecode(path))"
    ),
    Mutant(CHECKPOINT, "        if host != self.host:\n", "        if False:\n"),
    Mutant(CHECKPOINT, "except (ValueError, TypeError, KeyError):", "except (ValueError, TypeError):"),
    Mutant(CHECKPOINT, "        self._write()\n\n    def _read", "\n    def _read"),
    Mutant(CHECKPOINT, "            os.fsync(target.file.fileno())", "            0"),
    Mutant(CHECKPOINT, 'file.write(b"\\n" + line.encode())', 'file.write(line.encode() + b"\\n")'),
    Mutant(
        CHECKPOINT, "min((self.checkpoints[one] for one in sources)", "max((self.checkpoints[one] for one in sources)"
    ),
    Mutant(CHECKPOINT, "old[one].difference(queues.get(one, ()))", "old[one]"),
    Mutant(CHECKPOINT, "self._lines >= APPENDED_LINES", "False"),
    Mutant(CHECKPOINT, "        else:\n            self.problem = None\n", ""),
    # What is read.
    Mutant(LOG, "shift_date(until, 1), UNLIMITED_EVENTS", "shift_date(until, 0), UNLIMITED_EVENTS"),
    Mutant(LOG, "shift_date(until, 1), UNLIMITED_EVENTS", "shift_date(until, 1)"),
    Mutant(LOG, "if len(page) < PAGE_EVENTS:", "if len(page) <= PAGE_EVENTS:"),
    Mutant(LOG, "UNLIMITED_EVENTS if span == 1 else PAGE_EVENTS", "PAGE_EVENTS"),
    Mutant(LOG, "self.page(shift_date(after, -1),", "self.page(after,"),
    Mutant(LOG, "after, span = shift_date(after, span), span * 2", "after, span = shift_date(after, span), span"),
    Mutant(LOG, "span = max(1, span // 8)", "span = 1"),
    Mutant(LOG, "while after <= newest:", "while after < newest:"),
    # The stream.
    Mutant(STREAM, "min(BACKOFF_MAX_SECONDS, max(1.0, pause * 2))", "0.0"),
    Mutant(STREAM, "                self._on_change(False)\n", ""),
    Mutant(STREAM, "self.problem = stream, None\n        self._on_change(True)", "self.problem = stream, None"),
    Mutant(STREAM, "data if isinstance(data, dict) else {}", "data"),
    Mutant(STREAM, "                self._connection.disconnect()\n", "                pass\n"),
    Mutant(
        CONNECTION, "session.verify is not False if ssl_verify is None else ssl_verify", "session.verify is not False"
    ),
    Mutant(CONNECTION, "session.proxies = dict(client.session.proxies)", "session.proxies = client.session.proxies"),
    Mutant(
        CONNECTION,
        "session.verify, session.cert = client.session.verify, client.session.cert",
        "session.verify = client.session.verify",
    ),
    Mutant(CONNECTION, "**raw.make_auth_header(client=client)}", "}"),
    Mutant(CONNECTION, "    weakref.finalize(connection, session.close)\n", ""),
    Mutant(INIT, "reasons.append(data) or connect_error(data)", "reasons.append(data)"),
    # The token.
    Mutant(RENEWAL, "LEFT_AT_RENEWAL = 1 / 5", "LEFT_AT_RENEWAL = 0"),
    Mutant(RENEWAL, "0.0 if is_first else lifetime * KEPT_AT_LEAST", "0.0"),
    Mutant(RENEWAL, "client.use_refresh_token and client.refresh_token:", "client.refresh_token:"),
    Mutant(RENEWAL, "            self.renew_at = now + BACKOFF_REFUSED_SECONDS\n", ""),
    Mutant(RENEWAL, "client.access_token, client.access_token is not None", "client.access_token, True"),
    Mutant(RENEWAL, "except (KeyError, TypeError):", "except KeyError:"),
    # The listener.
    Mutant(LISTENER, "            self._stopping.clear()  # already now", "            pass  # already now"),
    Mutant(
        LISTENER,
        "            except BaseException:\n                self._stopping.set()\n                raise",
        "            finally:\n                pass",
    ),
    Mutant(
        LISTENER,
        "[] if threading.current_thread() in threads else threads",
        "[one for one in threads if one is not threading.current_thread()]",
    ),
    Mutant(LISTENER, "signal.SIG_DFL if handler is None else handler", "signal.SIG_DFL"),
    Mutant(
        LISTENER,
        "        self._checkpoints.save()\n        return not self._threads()",
        "        return not self._threads()",
    ),
    Mutant(LISTENER, 'if self._project is None or data.get("project_id") == self._project:', "if True:"),
    Mutant(LISTENER, "if is_logged and not self._stream_only", "if is_logged"),
    Mutant(LISTENER, "            self._error = None\n", ""),
    Mutant(LISTENER, "        self._error = self._error or error\n", ""),
    Mutant(LISTENER, "            raise self._error\n", "            pass\n"),
    Mutant(LISTENER, "                self._dead_letters.check()\n", "                pass\n"),
    Mutant(LISTENER, "        if event_name not in EVENT_NAMES:\n", "        if False:\n"),
    Mutant(LISTENER, "nearest(event_name.lower(),", "nearest(event_name,"),
    Mutant(LISTENER, ' or ": docs/reference/events.md lists them"', ""),
    Mutant(LISTENER, "consumer.notify(name, normalize_keys(data))", "consumer.notify(name, data)"),
    Mutant(LISTENER, "consumer is not None and consumer.handles(failure.event)", "consumer is not None"),
    Mutant(LISTENER, "letters.path == self._checkpoints.path", "False"),
    Mutant(LISTENER, "        if not store.checkpoints:  # else", "        if True:  # else"),
    Mutant(LISTENER, "self._log.head(newest)", "self._log.head()"),
    Mutant(LISTENER, "            if is_mine and not self.stop(timeout):", "            if not self.stop(timeout):"),
]
