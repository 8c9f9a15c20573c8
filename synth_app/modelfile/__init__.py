"""One model, one ``.safetensors`` file: tensors, a validated JSON card and a bank of encoded notes."""

from synth_app.modelfile.bank import BankNote, NoteMarks, default_note, find_note, note_center
from synth_app.modelfile.card import (
    FORMAT_VERSION,
    Activation,
    DataInfo,
    LayerNorm,
    Linear,
    Lstm,
    ModelCard,
    Op,
    Parallel,
    Residual,
    Score,
    TrainingInfo,
    is_recurrent,
)
from synth_app.modelfile.catalog import ModelEntry, find_model, list_models, model_folders
from synth_app.modelfile.store import LatentStats, ModelFile, load_model_file, read_card, save_model_file

__all__ = [
    "FORMAT_VERSION",
    "Activation",
    "BankNote",
    "DataInfo",
    "LatentStats",
    "LayerNorm",
    "Linear",
    "Lstm",
    "ModelCard",
    "ModelEntry",
    "ModelFile",
    "NoteMarks",
    "Op",
    "Parallel",
    "Residual",
    "Score",
    "TrainingInfo",
    "default_note",
    "find_model",
    "find_note",
    "is_recurrent",
    "list_models",
    "load_model_file",
    "model_folders",
    "note_center",
    "read_card",
    "save_model_file",
]
