"""The small model that trainings begin with."""

from pathlib import Path

import pytest

from tests.training.conftest import make_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pitch-conditioned model of one epoch, for 65 bins at 8 kHz."""
    return make_base(tmp_path_factory.mktemp("start"))
