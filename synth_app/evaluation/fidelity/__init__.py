"""Bank notes as the engine plays them, beside the SoundFont's own notes."""

from synth_app.evaluation.fidelity.choice import DEFAULT_CHOICES, NoteChoice, parse_choice
from synth_app.evaluation.fidelity.page import PageWriter
from synth_app.evaluation.fidelity.report import FidelityReport
from synth_app.evaluation.fidelity.run import Extent, fidelity_report

__all__ = ["DEFAULT_CHOICES", "Extent", "FidelityReport", "NoteChoice", "PageWriter", "fidelity_report", "parse_choice"]
