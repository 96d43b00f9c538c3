"""Parts of a record of a network that do not belong together are refused when it is loaded, not when it is drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.inputs import refused

import derandkit
from derandkit.records import encode_array, sealed

pytest.importorskip("jax")

POINTS = np.random.default_rng(0).standard_normal((40, 3))


def longer(record):
    record["history"]["risk"] *= 2


def another(name, shape):
    def change(record):
        record["parameters"][name] = encode_array(np.ones(shape), "<f8")

    return change


def fewer(record):
    record["singular_values"] = record["singular_values"][1:]


def ragged(record):
    record["column_weights"][0].append(0.0)


CHANGES = {
    "history are not of one length": longer,
    "W, W_start and b are not of one network": another("W_start", (3, 3)),
    "W, W_start and b": another("b", (5,)),
    "span is not one of the inputs": another("span", (1, 4)),
    "not as many singular values": fewer,
    "weights of the columns are not one row": ragged,
}


@pytest.fixture(scope="module")
def text():
    student = derandkit.Student(width=4)
    data = (POINTS, np.tanh(POINTS[:, 0]))
    return derandkit.discover_structure(data, student, penalty=1e-3, max_steps=3, controls=False).to_json()


@pytest.mark.parametrize("words", CHANGES)
def test_sizes_of_a_record_fit_each_other(text, words, tmp_path):
    """The report of a record with two lengths of history ended in an error of matplotlib."""
    record = json.loads(text)
    CHANGES[words](record)
    del record["seal"]
    file = tmp_path / "r.json"
    file.write_text(json.dumps(sealed(record)))
    assert words in refused(derandkit.load, file)
