"""Packs: models, sounds and presets in one file, to share them. A pack can do nothing but be read."""

from synth_app.session.packs.check_pack import PackContent, checked_pack
from synth_app.session.packs.export_pack import PackTexts, absent_models, export_pack
from synth_app.session.packs.import_pack import Imported, Libraries, import_pack
from synth_app.session.packs.manifest import SUFFIX

__all__ = [
    "SUFFIX", "Imported", "Libraries", "PackContent", "PackTexts", "absent_models", "checked_pack", "export_pack",
    "import_pack",
]  # fmt: skip
