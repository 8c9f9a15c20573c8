"""The small whole model of the tests of model files."""

from tests.modelfile.conftest import model

__all__ = ["model"]
