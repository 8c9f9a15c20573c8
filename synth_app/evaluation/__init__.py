"""Model evaluation: reconstruction error on held-out notes, in numpy alone, and the reports built on it."""

from synth_app.evaluation.metrics.rmse import FrameError, Rmse
from synth_app.evaluation.produce import produce_model
from synth_app.evaluation.score import score_by_rules, score_model, score_out_of_domain, training_axes

__all__ = [
    "FrameError",
    "Rmse",
    "produce_model",
    "score_by_rules",
    "score_model",
    "score_out_of_domain",
    "training_axes",
]
