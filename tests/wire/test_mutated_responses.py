"""A short run of `tests.endurance.fuzz`, which sends mutated responses by the million."""

from tests.endurance import fuzz


def test_a_few_thousand():
    report = fuzz.run(seed=7, first=0, count=2000)
    assert report.faults == {}
    assert report.outcomes["returned"] > 100 and report.outcomes["ServerErrorException"] > 100
