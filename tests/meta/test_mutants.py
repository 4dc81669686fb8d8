"""The mutants change what is there: a line that is rewritten takes its mutants along."""

import importlib

import pytest

from ..mutation import run


@pytest.mark.parametrize("area", ["cache", "events", "http", "publishing", "query"])
def test_each_mutant_changes_one_place(area: str) -> None:
    module = importlib.import_module(f"{run.__package__}.{area}")
    assert list(run.mistakes(area, module.MUTANTS)) == []
