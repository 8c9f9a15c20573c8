"""One program for all modules of the folder, because its start takes as long as all of them."""

from collections.abc import Iterator

import pytest

from tests.ui.running_program import RunningProgram, started_program


@pytest.fixture(scope="package")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProgram]:
    """The program after its first start."""
    with started_program(tmp_path_factory.mktemp("journeys")) as made:
        made.wait("W.tour.current")
        made.keys("Escape")
        made.wait("not W.tour.current")
        yield made
