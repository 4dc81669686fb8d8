"""Mutants of the queries."""

from . import Mutant

TESTS = ["tests/unit/test_query.py", "tests/property/test_query.py"]
API = "gazu/query/__init__.py"
COLUMNS = "gazu/query/columns.py"
GROUPS = "gazu/query/groups.py"
OPERATORS = "gazu/query/operators.py"
PLAN = "gazu/query/plan.py"
SEARCH = "gazu/query/search.py"
SELECTION = "gazu/query/selection.py"
REQUEST = "gazu/_http/request.py"
RESOLVER = "gazu/query/resolver.py"
MUTANTS = [
    # The public functions.
    Mutant(API, "    if page_size is None:", "    if page_size is False:"),
    Mutant(API, "PAGE_SIZE = 100", "PAGE_SIZE = 101"),
    Mutant(API, '    page_query(page_size, "page_size")\n', ""),
    Mutant(API, "search.pages(page_size)", "search.pages()"),
    Mutant(API, "fields, order, 1, client=client)", "fields, order, 2, client=client)"),
    Mutant(API, "    check_limit(limit)\n", ""),
    Mutant(API, "search.matches(SCAN_SIZE)", "search.matches(1)"),
    # Operators.
    Mutant(OPERATORS, 'value = value.get("id")', "pass"),
    Mutant(OPERATORS, "return composed(text) == composed(self.value) or", "return text == self.value or"),
    Mutant(OPERATORS, "self.is_id and text.lower() == self.value.lower()", "False"),
    Mutant(OPERATORS, "self.moment.first <= moment.first <= self.moment.last", "self.moment.first == moment.first"),
    Mutant(OPERATORS, "return value.lower() in self.ids", "return value in self.ids"),
    Mutant(OPERATORS, "value is None or value == []", "value is None"),
    Mutant(OPERATORS, "return not self.contrary.matches_any(values)", "return any(map(self.test, values))"),
    Mutant(OPERATORS, "self.matches_none: bool = not self.contrary.matches_none", "self.matches_none: bool = False"),
    Mutant(OPERATORS, "value is not None and self.compare", "self.compare"),
    Mutant(OPERATORS, "return bool(value > self.spans[0].last)", "return bool(value > self.spans[0].first)"),
    Mutant(OPERATORS, "return bool(value < self.spans[0].first)", "return bool(value <= self.spans[0].first)"),
    Mutant(OPERATORS, "return bool(value >= self.spans[0].first)", "return bool(value > self.spans[0].first)"),
    Mutant(OPERATORS, "return bool(value <= self.spans[0].last)", "return bool(value <= self.spans[0].first)"),
    Mutant(
        OPERATORS,
        "self.spans[0].first <= value <= self.spans[1].last",
        "self.spans[0].first <= value < self.spans[1].last",
    ),
    Mutant(OPERATORS, "if first.first > last.last:", "if first.first >= last.first:"),
    Mutant(OPERATORS, "if first.kind != last.kind:", "if False:"),
    Mutant(OPERATORS, "value.astimezone(zone).replace(tzinfo=None)", "value.replace(tzinfo=None)"),
    Mutant(OPERATORS, 'fraction[1:].ljust(6, "0")', "fraction[1:]"),
    Mutant(OPERATORS, "start + (_DAY - _TICK)", "start + _DAY"),
    Mutant(OPERATORS, "self.pattern.search(text)", "self.pattern.match(text)"),
    Mutant(OPERATORS, "return text.startswith(self.text)", "return self.text in text"),
    # What the server does.
    Mutant(
        PLAN, "        if condition.matches_none:  # what refers to nothing matches too\n            return False\n", ""
    ),
    Mutant(PLAN, "return owner not in LONG or bool(", "return bool("),
    Mutant(PLAN, "if self.model in WITHOUT_FILTERS or (", "if ("),
    Mutant(PLAN, "if column in COMPUTED and", "if False and"),
    Mutant(PLAN, "(column in TO_MANY and len(values) > 1)", "False"),
    Mutant(PLAN, "if column in self.columns or", "if"),
    Mutant(PLAN, 'form.replace("\\\\", "\\\\\\\\")', "form"),
    Mutant(PLAN, "    if option.moment is not None:  # the", "    if False:  # the"),
    Mutant(PLAN, 'if isinstance(value, str) and (not value or value.startswith("[")):', "if False:"),
    Mutant(
        PLAN,
        "self.tests[lookup.name] = Test((lookup.column,), Not(found))",
        "self.tests[lookup.name] = Test((lookup.column,), found)",
    ),
    Mutant(PLAN, "self.is_empty = self.is_empty or not ids", "self.is_empty = False"),
    Mutant(PLAN, "                lookup.plan.narrow(project)", "                pass"),
    Mutant(PLAN, 'self.sent = {"project_id": project, **self.sent}', "self.sent = {**self.sent}"),
    Mutant(PLAN, 'if last == "id" and references:', "if False:"),
    Mutant(PLAN, ' or column == "name" or column in TO_MANY:', ' or column == "name":'),
    Mutant(PLAN, "if self.model in WITHOUT_PAGES and not all(map(_is_id, values)):", "if False:"),
    # The search.
    Mutant(SEARCH, "is_sent and self.model not in CUT_OFF", "self.model not in CUT_OFF"),
    Mutant(SEARCH, "        if not is_known:\n            self.check_names()\n", ""),
    Mutant(SEARCH, "            self.check(page)\n            is_known", "            is_known"),
    Mutant(SEARCH, 'if row["id"] not in seen] if len(queries) > 1 else page', "] if len(queries) > 1 else page"),
    Mutant(SEARCH, "self.model not in CUT_OFF and", ""),
    Mutant(SEARCH, "typed_columns(self.model).issuperset(self.plan.columns)", "True"),
    Mutant(SEARCH, "SCAN_SIZE if is_sorted or self.plan.tests else", "SCAN_SIZE if is_sorted else"),
    Mutant(
        SEARCH, 'key=lambda lookup: lookup.column != "project_id"', 'key=lambda lookup: lookup.column == "project_id"'
    ),
    Mutant(SEARCH, "{*known, *(column for row in rows for column in row)}", "{*known}"),
    Mutant(SEARCH, "for value in values_at(item, path)] or [None]", "for value in values_at(item, path)]"),
    # Order and groups.
    Mutant(GROUPS, "((value is None) != descending,", "(value is None,"),
    Mutant(
        GROUPS,
        "for index, descending in reversed(list(enumerate(self.descending))):",
        "for index, descending in enumerate(self.descending):",
    ),
    Mutant(GROUPS, "kept = self.sorted(kept)[:limit]\n        return", "pass\n        return"),
    Mutant(GROUPS, "value is not None and (not isinstance(value, Real) or isinstance(value, bool))", "False"),
    Mutant(GROUPS, "(value or [None]) if isinstance(value, list)", "value if isinstance(value, list)"),
    Mutant(GROUPS, 'if [*self.names, "count"].count(name) > 1:', "if self.names.count(name) > 1:"),
    # Columns.
    Mutant(COLUMNS, '"ready_for": "task-types"', '"ready_for": "persons"'),
    Mutant(COLUMNS, '"assigner author editor person user"', '"assigner author editor user"'),
    Mutant(COLUMNS, "acknowledgements assignees mentions team", "acknowledgements mentions team"),
    Mutant(COLUMNS, '"type", "project_name", "sequence_name",', '"project_name", "sequence_name",'),
    # What a query selects.
    Mutant(SELECTION, "if not isinstance(model, str) or not model or", "if not isinstance(model, str) or"),
    Mutant(
        SELECTION,
        "filters is not None and not isinstance(filters, Mapping)",
        "filters and not isinstance(filters, Mapping)",
    ),
    Mutant(PLAN, 'and (self.model, column) != ("notifications", "type")', ""),
    Mutant(
        SELECTION, "(isinstance(names, Mapping) or not isinstance(names, Iterable))", "not isinstance(names, Iterable)"
    ),
    Mutant(SELECTION, "isinstance(limit, bool) or limit < 1", "limit < 0"),
    Mutant(SELECTION, "([names] if isinstance(names, str) else names)", "names"),
    Mutant(SELECTION, "REFERENCES.keys() >= {*path[: depth + 1]}", "REFERENCES.keys() >= {part}"),
    Mutant(
        SELECTION, "path[:depth] in whole and not REFERENCES.keys() >= {*path[: depth + 1]}", "path[:depth] in whole"
    ),
    Mutant(SELECTION, 'not all(name.split("."))', "not name"),
    Mutant(SELECTION, "isinstance(rows, (str, Mapping)) or not", "not"),
    Mutant(SELECTION, "TO_MANY.keys().isdisjoint(names)", "TO_MANY.keys().isdisjoint(selection)"),
    Mutant(SELECTION, "    if plain_columns(selection):\n        ids", "    if selection:\n        ids"),
    Mutant(SELECTION, '[*names, *ids, "project_id"]', "[*names, *ids]"),
    Mutant(SELECTION, '[*names, *ids, "project_id"]', '[*selection, *ids, "project_id"]'),
    Mutant(PLAN, "return str(value).lower()", "return str(value)"),
    Mutant(REQUEST, 'if name == "name":', "if False:"),
    Mutant(REQUEST, "len(text) > MAX_QUERY_CHARS", "len(text) >= MAX_QUERY_CHARS"),
    Mutant(REQUEST, "len(text) > MAX_QUERY_CHARS", "len(text) > MAX_QUERY_CHARS + 39"),
    Mutant(REQUEST, "IDS_PER_REQUEST = 75", "IDS_PER_REQUEST = 80"),
    Mutant(SELECTION, "if records and not has_column(name, records):", "if not has_column(name, records):"),
    Mutant(
        SELECTION,
        "return any(name in record for record in records)",
        "return all(name in record for record in records)",
    ),
    Mutant(SELECTION, "if inner and item is not None and not", "if inner and not"),
    Mutant(SELECTION, "for item in value if isinstance(value, list) else [value]:", "for item in [value]:"),
    Mutant(SELECTION, "fields = value if isinstance(value, Mapping) else {}", "fields = value"),
    Mutant(
        SELECTION,
        'name.endswith("_id") and name[:-3] in TO_ONE',
        "name[:-3] in REFERENCES",
        survives="no other column of three letters more has the name of a reference",
    ),
    # The records behind ids.
    Mutant(RESOLVER, 'keep = ("id", "type") if', 'keep = ("id",) if'),
    Mutant(RESOLVER, "for name in keep or record if name in record}", "for name in record}"),
    Mutant(
        RESOLVER,
        "if name in REFERENCES and not (has_column(name, records) and not has_column(column, records)):",
        "if name in REFERENCES:",
    ),
    Mutant(
        RESOLVER,
        "if name in REFERENCES and not (has_column(name, records) and not has_column(column, records)):",
        "if name in REFERENCES and not has_column(name, records):",
    ),
    Mutant(RESOLVER, "                check_column(column, records, where)\n", ""),
    Mutant(RESOLVER, "(path, json.dumps(inner)), {})", "path, {})"),
    Mutant(RESOLVER, "if one and one not in fetched]", "if one]"),
    Mutant(RESOLVER, "        fetched.update(dict.fromkeys(missing))\n", ""),
    Mutant(RESOLVER, "copies = [copied(record) for", "copies = [record for"),
    Mutant(RESOLVER, "[copied(record) for record in records if record]", "[copied(record) for record in records]"),
    Mutant(RESOLVER, "len(ids) > MAX_IDS_BY_REQUEST and", "len(ids) >= MAX_IDS_BY_REQUEST and"),
    Mutant(RESOLVER, "path in LISTS_OF_PROJECTS and", ""),
    Mutant(RESOLVER, "len(projects) == 1 and None not in projects", "None not in projects"),
    Mutant(RESOLVER, " and None not in projects", ""),
    Mutant(
        RESOLVER, '            ids = sorted({*ids} - {record["id"] for record in records})\n', "            return\n"
    ),
    Mutant(RESOLVER, 'ids = sorted({*ids} - {record["id"] for record in records})', "ids = sorted(ids)"),
    Mutant(RESOLVER, "range(0, len(ids), IDS_PER_REQUEST)", "range(0, len(ids) - 1, IDS_PER_REQUEST)"),
    Mutant(RESOLVER, "ids[start : start + IDS_PER_REQUEST]", "ids[start : start + IDS_PER_REQUEST + 1]"),
    Mutant(RESOLVER, "return text.lower() if", "return text if"),
    Mutant(RESOLVER, 'value.get("id") if isinstance(value, Mapping) else value', "value"),
    Mutant(RESOLVER, "@cache\ndef fetch_records", "def fetch_records"),
    Mutant(RESOLVER, "MAX_IDS_BY_REQUEST = 4 * IDS_PER_REQUEST", "MAX_IDS_BY_REQUEST = 5 * IDS_PER_REQUEST"),
]
