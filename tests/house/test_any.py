"""`Any` stands only at the boundary of a library or of JSON: where a type cannot be named, and the list says why.

A new module that wants `Any` takes a type instead: `object` for what is only looked at, a Protocol for what is used,
`records.JsonMapping` for JSON, `structure.training.losses.Jax` for JAX, NumPy's types for arrays.
"""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "derandkit"

#: Why -> modules.
ALLOWED = {
    "JSON that has not been checked, or is rebuilt into objects": (
        "records parts.part loading certificates.checks "
        "certificates.cuts.form certificates.cuts.record certificates.embeddings.form "
        "certificates.proofs.integers certificates.quadratic.problems certificates.quadratic.record cuts.constraints "
        "cuts.result datasets.problems graphs.label_json graphs.readers.jsondata.jsongraph"
    ),
    "problems of structure discovery, which the checker may not import": (
        "certificates.structure.recomputed certificates.structure.record"
    ),
    "options of click, handed on by keyword": (
        "cli.common cli.comparison cli.cuts cli.group cli.many cli.quadratic cli.records cli.structure comparison.cuts "
        "comparison.features comparison.structure "
        "options"
    ),
    "objects of networkx, igraph, rustworkx, pandas and SciPy": (
        "graphs.doubts graphs.files graphs.frames graphs.graph graphs.intake graphs.libraries "
        "graphs.objects.arrays graphs.objects.kinds graphs.objects.mappings graphs.objects.sequences "
        "graphs.objects.shapes "
        "graphs.readers.formats.markup graphs.readers.arrays.matrices graphs.readers.formats.pajek "
        "models.arcs models.formats plots.cuts plots.quadratic cuts.solve graphs.assembly numerics.sparse"
    ),
    "tables of numbers in any form, as NumPy and scikit-learn take them": (
        "certificates.cuts.psd embeddings.estimator embeddings.guarantee "
        "embeddings.images embeddings.result features.images features.result structure.data structure.estimators "
        "structure.intake.inputs structure.intake.table structure.intake.targets structure.teacher"
    ),
    "dimod": "dimod models.files models.model quadratic.solve",
    "dask": "runtime.cluster runtime.processes",
    "samplers of dimod, OpenJij, PySAT and OR-Tools": "comparison.peers",
    "modules of torch, flax and scikit-learn": (
        "certificates.trained.record structure.trained.certify structure.trained.modules"
    ),
    "cvxpy": "signs.relaxation.semidefinite",
    "numba's code generation": "numerics.jit",
    "JAX": (
        "engine.objective structure.config structure.heldout.selection structure.methods structure.run "
        "structure.training.losses"
    ),
    "results of any wing, and methods of any problem": (
        "comparison.contract comparison.embeddings comparison.instances comparison.quadratic comparison.run"
    ),
}


def uses(file: Path) -> int:
    """Lines of a module that use the name, imports aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return len({node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "Any"})


def found() -> dict[str, int]:
    counts = {
        ".".join(file.relative_to(SOURCE).with_suffix("").parts): uses(file) for file in SOURCE.rglob("*.py")
    }
    return {name: count for name, count in counts.items() if count}


def test_only_modules_at_a_boundary_use_any():
    allowed = {name for names in ALLOWED.values() for name in names.split()}
    assert set(found()) - allowed == set()


def test_uses_of_any_do_not_grow():
    """739 lines had the word when this was counted first."""
    assert sum(found().values()) <= 196
