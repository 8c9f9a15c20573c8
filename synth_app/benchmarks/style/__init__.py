"""Measures the ways to style a note, beside two baselines and the free mode."""

from synth_app.benchmarks.style.report import StyleReport
from synth_app.benchmarks.style.run import StyleSettings, style_report

__all__ = ["StyleReport", "StyleSettings", "style_report"]
