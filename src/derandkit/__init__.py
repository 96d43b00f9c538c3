"""Derandomized algorithms that carry a certificate.

Randomized approximation algorithms relax a problem to a Gaussian law and sample it; derandkit drives the law to a
single solution that is at least as good as the expectation it started from, and proves what it says about it.
Names are resolved on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derandkit.certificates import Check as Check
    from derandkit.certificates import Verification as Verification
    from derandkit.certificates import verify as verify
    from derandkit.cuts.graph import WeightedGraph as WeightedGraph
    from derandkit.cuts.objective import CutObjective as CutObjective
    from derandkit.cuts.relaxation import CutRelaxation as CutRelaxation
    from derandkit.cuts.relaxation import relax as relax
    from derandkit.cuts.result import MaxCutResult as MaxCutResult
    from derandkit.cuts.solve import maxcut as maxcut
    from derandkit.cuts.status import CutStatus as CutStatus
    from derandkit.errors import ConvergenceError as ConvergenceError
    from derandkit.errors import DerandkitError as DerandkitError
    from derandkit.errors import InputError as InputError
    from derandkit.errors import MissingDependencyError as MissingDependencyError
    from derandkit.objective import GaussianObjective as GaussianObjective
    from derandkit.sampler import GaussianSampler as GaussianSampler

#: Public name -> module that defines it.
_HOMES = {
    "Check": "derandkit.certificates",
    "ConvergenceError": "derandkit.errors",
    "CutObjective": "derandkit.cuts.objective",
    "CutRelaxation": "derandkit.cuts.relaxation",
    "CutStatus": "derandkit.cuts.status",
    "DerandkitError": "derandkit.errors",
    "GaussianObjective": "derandkit.objective",
    "GaussianSampler": "derandkit.sampler",
    "InputError": "derandkit.errors",
    "MaxCutResult": "derandkit.cuts.result",
    "MissingDependencyError": "derandkit.errors",
    "Verification": "derandkit.certificates",
    "WeightedGraph": "derandkit.cuts.graph",
    "maxcut": "derandkit.cuts.solve",
    "relax": "derandkit.cuts.relaxation",
    "verify": "derandkit.certificates",
}

__all__ = [*sorted(_HOMES), "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
