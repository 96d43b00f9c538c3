"""The sceptic's room: check a result against its instance, from first principles.

Nothing here imports a solver, a kernel or cvxpy; what a record claims is recomputed with NumPy, SciPy's
factorisations and exact sums. `derandkit.verify` reads the record's ``schema`` and hands it to the checks for that
problem.
"""

from __future__ import annotations

from derandkit.certificates.checks import Verification, VerificationCheck

__all__ = ["Verification", "VerificationCheck"]
