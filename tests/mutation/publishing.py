"""Mutants of publishing exactly once."""

from . import Mutant

TESTS = ["tests/wire/test_publishing.py"]
FILE = "gazu/_http/publishing.py"
OUTBOX = "gazu/_http/outbox.py"
RETRIES = "gazu/_http/retries.py"
CLIENT = "gazu/_http/base_client.py"
TASK = "gazu/task.py"
MUTANTS = [
    # Times.
    Mutant(FILE, "CLOCK_SKEW_SECONDS = 2.0", "CLOCK_SKEW_SECONDS = 0.0"),
    Mutant(FILE, "CLOCK_SKEW_SECONDS = 2.0", "CLOCK_SKEW_SECONDS = 4.5"),
    Mutant(FILE, "SERVER_LAG_SECONDS = 60.0", "SERVER_LAG_SECONDS = 50.0"),
    Mutant(FILE, "SERVER_LAG_SECONDS = 60.0", "SERVER_LAG_SECONDS = 70.0"),
    Mutant(FILE, "PROBE_TIMEOUT_SECONDS = 10.0", "PROBE_TIMEOUT_SECONDS = 20.0"),
    Mutant(FILE, "PROBES = 3", "PROBES = 2"),
    Mutant(FILE, "PROBES = 3", "PROBES = 4"),
    Mutant(FILE, "PROBE_INTERVAL_SECONDS = 0.3", "PROBE_INTERVAL_SECONDS = 0.0"),
    Mutant(OUTBOX, "IN_DOUBT_TTL_SECONDS = 900.0", "IN_DOUBT_TTL_SECONDS = 1e9"),
    Mutant(OUTBOX, "IN_DOUBT_TTL_SECONDS = 900.0", "IN_DOUBT_TTL_SECONDS = 800.0"),
    Mutant(FILE, "at - self.clock_offset <=", "at <="),
    Mutant(FILE, "if self.clock_offset is None:", "if False:"),
    # What is looked for.
    Mutant(FILE, "if self.single_attempt:", "if False:"),
    Mutant(FILE, "if self.single_attempt:", "if True:"),
    Mutant(FILE, "min(limit or PROBE_TIMEOUT_SECONDS, PROBE_TIMEOUT_SECONDS)", "PROBE_TIMEOUT_SECONDS"),
    Mutant(FILE, "if path not in self.responses:", "if True:"),
    Mutant(FILE, "author = self.person_id or snapshot", "author = snapshot"),
    Mutant(FILE, '(row["text"] or "", row', '(row["text"], row'),
    Mutant(FILE, "== (self.text, self.task_status_id, author)", '== (self.text, row["task_status_id"], author)'),
    Mutant(FILE, "created_at == self.created_at or snapshot.is_in_span(created_at)", "snapshot.is_in_span(created_at)"),
    Mutant(
        FILE, 'and snapshot.is_in_span(row["updated_at"], IN_DOUBT_TTL_SECONDS)\n                and row', "and row"
    ),
    Mutant(
        FILE,
        'and snapshot.is_in_span(row["updated_at"], IN_DOUBT_TTL_SECONDS)\n                and row',
        'and snapshot.is_in_span(row["updated_at"])\n                and row',
    ),
    Mutant(FILE, '                and row["id"] not in snapshot.claimed_ids\n', ""),
    Mutant(FILE, "for row in reversed(", "for row in iter("),
    Mutant(FILE, 'len(row["attachment_files"]) < self.attachments or', ""),
    Mutant(FILE, ' or len(row["previews"]) < self.previews', ""),
    Mutant(FILE, 'if k != "departments"', ""),
    Mutant(FILE, "        if self.previews:\n", "        if False:\n"),
    Mutant(FILE, ' and not row["original_name"]', ""),
    Mutant(FILE, "self.revision in (None, row", "None in (None, row"),
    Mutant(FILE, 'fits and row["id"] not in snapshot.claimed_ids and', "fits and"),
    Mutant(FILE, ' and snapshot.is_in_span(row["created_at"])', ""),
    Mutant(FILE, 'row["original_name"] and snapshot', "snapshot"),
    Mutant(
        FILE,
        'row["original_name"] and snapshot.is_in_span(row["updated_at"], IN_DOUBT_TTL_SECONDS)',
        'row["original_name"]',
    ),
    Mutant(FILE, 'if name != "comments"}', "}"),
    # Idempotency keys.
    Mutant(FILE, 'row.get("text") or row.get("comment")', 'row.get("text")'),
    Mutant(FILE, 'str(task_id or row.get("task_id") or row.get("object_id"))', 'str(task_id or row.get("task_id"))'),
    Mutant(FILE, '.replace(" ", "T")', ""),
    Mutant(FILE, "attachments or len(row.get", "len(row.get"),
    # The rule.
    Mutant(FILE, "if in_doubt:\n", "if False:\n"),
    Mutant(
        FILE, "began = min([time.monotonic(), *(span.began for span in in_doubt.values())])", "began = time.monotonic()"
    ),
    Mutant(FILE, "if missing or not keys else []", ""),
    Mutant(FILE, "if missing or not keys else []", "if missing else []"),
    Mutant(FILE, 'if error.method == "POST" and is_in_doubt(error):\n', "if True:\n"),
    Mutant(FILE, "            self.client.outbox.pending.update(dict.fromkeys(self.keys, span))\n", ""),
    Mutant(FILE, "itertools.takewhile(self.found.__contains__, range(len(self.keys)))", "self.found"),
    Mutant(FILE, "        found.update(zip(missing, rows))\n", "        found.update(enumerate(rows))\n"),
    Mutant(FILE, "            return list(rows)\n", "            pass\n"),
    Mutant(FILE, "    outbox.settle(keys)\n", ""),
    Mutant(FILE, "    outbox.recent_ids.extend(", "    list("),
    Mutant(FILE, '*(row["id"] for row in self.found.values())}', "}"),
    Mutant(FILE, '                claimed_ids.add(row["id"])\n', ""),
    Mutant(
        FILE,
        "single_attempt=True)\n            except GazuException as failure",
        "single_attempt=False)\n            except GazuException as failure",
    ),
    Mutant(FILE, "            if number:\n", "            if True:\n"),
    Mutant(OUTBOX, "            if span in spans:", "            if key in keys:"),
    # Errors.
    Mutant(FILE, 'if error.method == "POST" and is_in_doubt', "if is_in_doubt"),
    Mutant(RETRIES, "TransportException) and error.sent", "TransportException)"),
    Mutant(RETRIES, "status_code in GATEWAY_STATUSES", "status_code in (502, 504)"),
    Mutant(RETRIES, "status_code in GATEWAY_STATUSES", "status_code in (500, *GATEWAY_STATUSES)"),
    Mutant(FILE, "record + further if", "record if"),
    Mutant(
        FILE,
        "isinstance(record, dict) and isinstance(error, (TransportException, ServerErrorException))",
        "isinstance(record, dict)",
    ),
    # Where the outbox is.
    Mutant(CLIENT, '"refresh_lock", "retry_budget", "outbox", ', '"refresh_lock", "retry_budget", '),
    Mutant(CLIENT, '        if "outbox" not in self.__dict__:\n', "        if True:\n"),
    Mutant(TASK, "with publishing.attach_partial_result(comment=created):", "if True:"),
    Mutant(TASK, "with publishing.attach_partial_result(preview_file=preview):", "if True:"),
    Mutant(TASK, "with publishing.attach_partial_result(comments=created):", "if True:"),
]
