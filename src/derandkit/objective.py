"""The objective of a Gaussian law, and what a problem has to supply for it.

For ``F(W, b) = E[g(W x + b)]`` Stein's identity gives ``dF/dW = H W`` with ``H = d2F/db2``, so a problem supplies
three things: the value, the gradient in the mean, and the action of ``H`` on vectors. Everything else in this
package, the lemma's descent and its certificate included, is built from these three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derandkit.sampler import GaussianSampler

    FloatArray = NDArray[np.float64]


@runtime_checkable
class GaussianObjective(Protocol):
    """What a problem supplies: ``F(W, b) = E[g(W x + b)]`` to be minimised, with two derivatives in ``b``.

    The three methods must describe the same function; `derandkit.check_objective` tests that on a given law.
    An objective whose expectation is over a finite sample overrides Stein's identity with a method
    ``spread_gradient(sampler) -> ndarray, shape (n, r)`` (or a float for isotropic spread); one that accepts
    isotropic spread supplies ``curvature_trace(sampler) -> float``, because ``dF/dsigma = sigma tr(H)``.
    """

    @property
    def dimension(self) -> int:
        """Number of coordinates n of a solution."""
        ...

    def value(self, sampler: GaussianSampler) -> float:
        """Return ``F(W, b)``."""
        ...

    def mean_gradient(self, sampler: GaussianSampler) -> FloatArray:
        """Return ``dF/db``, shape (n,)."""
        ...

    def curvature(self, sampler: GaussianSampler, directions: FloatArray) -> FloatArray:
        """Return ``H @ directions`` for ``directions`` of shape (n, p), with ``H = d2F/db2``."""
        ...
