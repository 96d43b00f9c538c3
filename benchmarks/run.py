"""Run the benchmarks named on the command line, or all of them: ``python benchmarks/run.py [maxcut ...]``.

All of them together: those with a `run_quick` show only their quick rows.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

BENCHMARKS = (
    "maxcut",
    "gset",
    "weighted",
    "biqmac",
    "scale",
    "proofs",
    "dense_proofs",
    "dense_families",
    "engine",
    "compare",
    "embeddings",
    "means",
    "many_rows",
    "features",
    "structure",
    "limits",
    "quadratic",
    "clause_triangles",
    "fuzz",
    "interrupts",
    "guard",
)


def main() -> None:
    """Set one BLAS thread before NumPy is loaded, then run."""
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    sys.path.insert(0, str(Path(__file__).parent))
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown benchmark {unknown[0]!r}; one of {', '.join(BENCHMARKS)}")
    from tables import machine

    print(f"Machine: {machine()}\n")
    for name in names:
        print(f"## {name}\n", flush=True)
        module = importlib.import_module(name)
        if len(sys.argv) == 1 and hasattr(module, "run_quick"):
            module.run_quick()
        else:
            module.run()
        print(flush=True)


if __name__ == "__main__":
    main()
