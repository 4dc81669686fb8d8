"""Mutants of the library: small errors that its tests have to notice. `run.py` makes them."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One change of the source: *before*, which stands there once, becomes *after*."""

    file: str
    before: str
    after: str
    #: why no test can notice it, or need not; "" if one has to
    survives: str = ""
