"""Mutants of the queries."""

from . import Mutant

TESTS = ["tests/unit/test_query.py"]
API = "gazu/query/__init__.py"
COLUMNS = "gazu/query/columns.py"
SELECTION = "gazu/query/selection.py"
REQUEST = "gazu/_http/request.py"
RESOLVER = "gazu/query/resolver.py"
MUTANTS = [
    # The public functions.
    Mutant(API, "    if page_size is None:", "    if page_size is False:"),
    Mutant(API, "PAGE_SIZE = 100", "PAGE_SIZE = 101"),
    Mutant(API, "page_size=page_size, client=client)", "page_size=None, client=client)"),
    Mutant(API, "list(islice(records, page_size))", "list(records)"),
    Mutant(API, "        check_filters(model, filters, page)\n", ""),
    Mutant(API, "    check_filters(model, filters, records)\n", ""),
    Mutant(
        API,
        "_expand_pages(pages, model, filters, selection, Resolver(client))",
        "(row for page in pages for row in Resolver(client).expand(page, selection, model))",
    ),
    # Columns.
    Mutant(COLUMNS, '"ready_for": "task-types"', '"ready_for": "persons"'),
    Mutant(COLUMNS, '"assigner author editor person user"', '"assigner author editor user"'),
    Mutant(COLUMNS, "acknowledgements assignees mentions team", "acknowledgements mentions team"),
    Mutant(COLUMNS, '    "sequence_name": "\'parent_id\'",\n', ""),
    # What a query selects.
    Mutant(SELECTION, "if not isinstance(model, str) or not model:", "if not isinstance(model, str):"),
    Mutant(
        SELECTION,
        "filters is not None and not isinstance(filters, Mapping)",
        "filters and not isinstance(filters, Mapping)",
    ),
    Mutant(SELECTION, 'if model != "notifications":', "if model:"),
    Mutant(SELECTION, "isinstance(fields, Mapping) or not", "not"),
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
    Mutant(SELECTION, "return str(value).lower()", "return str(value)"),
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
