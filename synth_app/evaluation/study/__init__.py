"""The reference study run again: cells of a grid measured, judged by its six statements, and shown on one page."""

from synth_app.evaluation.study.run import StudyJob, document, evaluate, rebuild

__all__ = ["StudyJob", "document", "evaluate", "rebuild"]
