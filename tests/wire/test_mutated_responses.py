"""A short run of `tests.endurance.fuzz`, which sends mutated responses by the million."""

import pytest

from tests.endurance import fuzz


def test_a_few_thousand():
    report = fuzz.run(seed=7, first=0, count=2000)
    assert report.faults == {}
    assert report.outcomes["returned"] > 100 and report.outcomes["ServerErrorException"] > 100


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(40096, id="a list as the id of a file"),
        pytest.param(55334, id="an object as the name of a record"),
        pytest.param(67193, id="an object as an access token"),
        pytest.param(158503, id="a length beyond the memory"),
        pytest.param(773734, id="an empty name of a file"),
    ],
)
def test_what_longer_runs_have_found(case):
    assert fuzz.run(seed=1, first=case, count=1).faults == {}
