"""Replication of the reference study: cells of a grid, tests of its six statements, and a report page."""

from synth_app.evaluation.study.run import StudyJob, document, evaluate, rebuild_report

__all__ = ["StudyJob", "document", "evaluate", "rebuild_report"]
