"""The models that Zimu works with: a catalogue, and a store that has each of them whole, verified, or fetches it."""

from pipeline.models.catalogue import (
    Device,
    HubSource,
    Model,
    ModelFile,
    ModelKind,
    Wheel,
    WheelSource,
    default_model,
    load_catalogue,
)
from pipeline.models.store import ModelStatus, ModelStore, default_folder

__all__ = [
    "Device",
    "HubSource",
    "Model",
    "ModelFile",
    "ModelKind",
    "ModelStatus",
    "ModelStore",
    "Wheel",
    "WheelSource",
    "default_folder",
    "default_model",
    "load_catalogue",
]
