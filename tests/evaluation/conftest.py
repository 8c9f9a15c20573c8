"""The small data set and the settings of the training tests."""

from tests.training.conftest import data, settings, spec

__all__ = ["data", "settings", "spec"]
