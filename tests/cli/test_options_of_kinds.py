"""``verify`` takes the options that mean something for the kind of record, and refuses the others in one line."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main

GRAPHS = {
    "--input-format": "edgelist", "--weight": "w", "--unweighted": None, "--separator": "comma", "--comments": "#",
    "--symmetrize": "sum",
}  # fmt: skip
HEADERS = {"--header": None, "--no-header": None}
POINTS = {"--columns": "1,2", "--drop": "2", "--label": "1"}
#: What each kind of record takes; the rest of all of them is refused.
TAKEN = {
    "cut": {**GRAPHS, **HEADERS},
    "balance": {**GRAPHS, **HEADERS},
    "maxdicut": {**GRAPHS, **HEADERS},
    "max2sat": {},
    "qubo": {},
    "embedding": {**POINTS, **HEADERS},
    "features": {**POINTS, **HEADERS},
    "table": {**POINTS, **HEADERS},
    "configuration": {},
    "network": {},
}
TAKEN["maxdicut"].pop("--symmetrize")
REFUSED = [
    (kind, *flag)
    for kind, known in TAKEN.items()
    for flag in {**GRAPHS, **HEADERS, **POINTS}.items()
    if flag[0] not in known
]


SCHEMAS = {
    "cut": "maxcut", "balance": "quadratic", "maxdicut": "quadratic", "max2sat": "quadratic", "qubo": "quadratic",
    "embedding": "embedding", "features": "features", "table": "structure", "configuration": "structure",
    "network": "network",
}  # fmt: skip


@pytest.fixture(scope="module")
def stubs(tmp_path_factory):
    """Records that say what they are of; options are refused before more is read."""
    at = tmp_path_factory.mktemp("stubs")
    for kind, schema in SCHEMAS.items():
        (at / f"{kind}.json").write_text(
            f'{{"schema": "derandkit-{schema}", "version": 1, "kind": "{kind}"}}'
        )
    return at


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    at = tmp_path_factory.mktemp("kinds")
    edges = [("a", "b", 1.0), ("b", "c", -2.0)]
    for name, function in (("cut", dk.maxcut), ("balance", dk.frustration), ("maxdicut", dk.maxdicut)):
        (at / name).write_text("".join(f"{u} {v} {w}\n" for u, v, w in edges))
        function(edges).save(at / f"{name}.json")
    rows = np.array([[0.5, 1.25], [2.5, 0.125], [1.75, 3.5], [0.25, 4.5]])
    np.savetxt(at / "embedding", rows, delimiter=",")
    dk.embed(dk.read_points(str(at / "embedding")), n_components=2, holdout=False).save(at / "embedding.json")
    return at


def run(folder, kind, *words):
    name = "configuration.toml" if kind == "configuration" else kind
    return CliRunner().invoke(main, ["verify", str(folder / f"{kind}.json"), str(folder / name), *words])


@pytest.mark.parametrize(("kind", "flag", "value"), REFUSED)
def test_an_option_that_means_nothing_for_a_record_is_refused(stubs, kind, flag, value):
    """Records of points were checked as if ``--weight`` or ``--input-format`` had said something."""
    found = run(stubs, kind, flag, *([] if value is None else [value]))
    assert found.exit_code == 2, found.output
    (line,) = found.stderr.splitlines()
    assert flag.removeprefix("--no-").removeprefix("--") in line
    assert "leave it out for this record" in line


@pytest.mark.parametrize(("kind", "words"), [
    ("cut", ["--input-format", "edgelist"]), ("balance", ["--separator", "blank"]), ("maxdicut", ["--comments", "#"]),
    ("embedding", ["--columns", "1,2"]), ("embedding", ["--no-header"]), ("cut", ["--no-header"]),
])  # fmt: skip
def test_an_option_that_means_something_is_taken(folder, kind, words):
    found = run(folder, kind, *words)
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("kind", ["max2sat", "qubo", "embedding", "features"])
def test_a_name_of_weights_is_refused_in_python(stubs, kind):
    for weight in ("w", None):
        with pytest.raises(dk.InputError, match="not about a graph"):
            dk.verify(stubs / f"{kind}.json", str(stubs / kind), weight=weight)
