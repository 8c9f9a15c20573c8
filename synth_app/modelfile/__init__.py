"""One model, one ``.safetensors`` file: tensors, a validated JSON card and a bank of encoded notes."""

from synth_app.modelfile.bank import BankNote, NoteMarks, default_note, find_note, note_center
from synth_app.modelfile.card import (
    FORMAT_VERSION,
    Activation,
    AxisTrait,
    DataInfo,
    KeyRange,
    LayerNorm,
    Linear,
    ModelCard,
    Op,
    Parallel,
    PitchConcat,
    PitchLinear,
    Residual,
    Score,
    TrainingInfo,
)
from synth_app.modelfile.catalog import ModelEntry, find_model, list_models, model_folders
from synth_app.modelfile.store import LatentStats, ModelFile, load_model_file, read_card, save_model_file

__all__ = [
    "FORMAT_VERSION",
    "Activation",
    "AxisTrait",
    "BankNote",
    "DataInfo",
    "KeyRange",
    "LatentStats",
    "LayerNorm",
    "Linear",
    "ModelCard",
    "ModelEntry",
    "ModelFile",
    "NoteMarks",
    "Op",
    "Parallel",
    "PitchConcat",
    "PitchLinear",
    "Residual",
    "Score",
    "TrainingInfo",
    "default_note",
    "find_model",
    "find_note",
    "list_models",
    "load_model_file",
    "model_folders",
    "note_center",
    "read_card",
    "save_model_file",
]
