"""Real Argos packages, a few kilobytes each: a transformer whose weights are set by hand to be a dictionary.

Token and place are one-hot in the embedding. The encoder passes them on; the decoder at step t attends to place
t of the source and puts out what the dictionary has for the token there. So CTranslate2 really encodes, attends
and searches, and the answer is known.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import sentencepiece
from ctranslate2.specs import TransformerSpec

PLACES = 260  # CTranslate2 decodes up to 256 tokens
_SPECIAL = ["<unk>", "<s>", "</s>", "▁"]
_SHARPNESS = 40.0


def build_package(path: Path, source: str, target: str, dictionary: dict[str, str]) -> Path:
    """Write a .argosmodel that translates word by word: Chinese words whole, English ones as ` word`."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        words = [_piece(word) for word in [*dictionary, *dictionary.values()]]
        _train_tokenizer(folder, sorted(set(words)))
        pairs = {_piece(word): _piece(translation) for word, translation in dictionary.items()}
        _spec(pairs).save(str(_made(folder / "model")))
        metadata = {
            "package_version": "1.0", "argos_version": "1.9", "type": "translate", "from_code": source,
            "from_name": source, "to_code": target, "to_name": target,
        }  # fmt: skip
        (folder / "metadata.json").write_text(json.dumps(metadata))
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*")):
                if (file.is_file() and file.suffix != ".txt") or file.name.endswith("vocabulary.txt"):
                    archive.write(file, f"translate-{source}_{target}/{file.relative_to(folder)}")
    return path


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _piece(word: str) -> str:
    return f"▁{word}" if word.isascii() else word


def _train_tokenizer(folder: Path, words: list[str]) -> None:
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(f"x y z {word}" for word in words), "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "sentencepiece"), vocab_size=len(words) + 60,
        user_defined_symbols=words, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip


def _spec(pairs: dict[str, str]) -> TransformerSpec:
    sources, targets = [*_SPECIAL, *pairs], [*_SPECIAL, *dict.fromkeys(pairs.values())]
    size = max(len(sources), len(targets))
    width = size + PLACES
    spec = TransformerSpec.from_config(num_layers=1, num_heads=1)
    for half in (spec.encoder, spec.decoder):
        half.scale_embeddings = False
        half.position_encodings.encodings = _eye(PLACES, width, size)
        _layer_norm(half.layer_norm, width)
        _silence(half.layer[0].self_attention, width, fused=3)
        _layer_norm(half.layer[0].ffn.layer_norm, width)
        half.layer[0].ffn.linear_0.weight = np.zeros((4, width), np.float32)
        half.layer[0].ffn.linear_1.weight = np.zeros((width, 4), np.float32)
    spec.encoder.embeddings[0].weight = _eye(len(sources), width, 0)
    spec.decoder.embeddings.weight = np.zeros((len(targets), width), np.float32)
    _look_up(spec.decoder.layer[0].attention, size, width)
    projection = np.zeros((len(targets), width), np.float32)
    for number, token in enumerate(sources):
        projection[targets.index(pairs.get(token, token)), number] = 10
    spec.decoder.projection.weight = projection
    spec.register_source_vocabulary(sources)
    spec.register_target_vocabulary(targets)
    spec.config.add_source_eos = True
    spec.validate()
    return spec


def _look_up(attention, size: int, width: int) -> None:
    """Cross-attention: the query and the keys are places, the values are tokens."""
    place, token = np.zeros((width, width), np.float32), np.zeros((width, width), np.float32)
    place[size:, size:] = np.eye(PLACES)
    token[:size, :size] = np.eye(size)
    _layer_norm(attention.layer_norm, width)
    attention.linear[0].weight = place * _SHARPNESS
    attention.linear[1].weight = np.concatenate([place, token])
    attention.linear[2].weight = np.eye(width, dtype=np.float32)


def _silence(attention, width: int, fused: int) -> None:
    _layer_norm(attention.layer_norm, width)
    attention.linear[0].weight = np.zeros((fused * width, width), np.float32)
    attention.linear[1].weight = np.zeros((width, width), np.float32)


def _layer_norm(norm, width: int) -> None:
    norm.gamma, norm.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _eye(rows: int, width: int, offset: int) -> np.ndarray:
    matrix = np.zeros((rows, width), np.float32)
    matrix[np.arange(rows), offset + np.arange(rows)] = 1
    return matrix
