"""The tests that read the source need the syntax trees of Python 3.8; the source is the same for all."""

import sys

collect_ignore = ["test_functions.py", "test_layers.py"] if sys.version_info < (3, 8) else []
collect_ignore += ["test_docstrings.py"] if sys.version_info < (3, 9) else []  # it writes annotations out
