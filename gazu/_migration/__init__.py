"""Copying a whole production from one server to another: the engine behind `sync.push_project`. Private.

`run` says what comes after what and hands the work out; `rows` compares and imports tables, `studio` matches what
productions share, `discussion` copies what hangs on tasks, with its files; `tally` counts.
"""
