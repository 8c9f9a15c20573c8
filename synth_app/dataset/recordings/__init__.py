"""Import of a user's folder of recorded notes."""

from synth_app.dataset.recordings.importer import ImportReport, ImportSettings, import_folder

__all__ = ["ImportReport", "ImportSettings", "import_folder"]
