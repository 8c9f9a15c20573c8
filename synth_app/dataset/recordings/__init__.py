"""Import of a user's folder of recorded notes."""

from synth_app.dataset.recordings.choice import FileChoice
from synth_app.dataset.recordings.importer import ImportReport, ImportSettings, import_folder

__all__ = ["FileChoice", "ImportReport", "ImportSettings", "import_folder"]
