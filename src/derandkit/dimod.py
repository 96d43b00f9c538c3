"""A sampler for dimod: deterministic answers that carry a bound and a certificate.

>>> import dimod
>>> from derandkit.dimod import DerandkitSampler
>>> found = DerandkitSampler().sample_ising({"a": 0.5}, {("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 1.0})
>>> float(found.first.energy), found.info["bound"], found.info["proven_optimal"]
(-1.5, -1.5, True)
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from derandkit.cuts.solve import maxcut
from derandkit.errors import InputError, MissingDependencyError
from derandkit.given.entries import real_array
from derandkit.given.series import index_of, plain_series
from derandkit.models.entries import coefficient
from derandkit.models.model import QuadraticModel
from derandkit.quadratic.solve import optimize
from derandkit.runtime.interrupts import deliver, entry
from derandkit.signs.models import as_graph
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import ArrayLike

    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonObject

try:
    dimod: Any = import_module("dimod")
except ImportError:
    raise MissingDependencyError("dimod", "dimod") from None


__all__ = ["DerandkitSampler"]


class DerandkitSampler(dimod.Sampler):  # type: ignore[misc]
    """Sample the low-energy solutions of binary quadratic models, without randomness.

    Keywords of `sample`, `sample_ising` and `sample_qubo`:

    - ``num_reads``: how many different solutions are returned, the best one first;
    - ``initial_states``: one solution to begin from, a mapping or a sample set whose best sample counts; the answer is
      never worse, as with ``start`` of `derandkit.optimize`;
    - ``search``: ``"quick"``, ``"thorough"`` or None, as in `derandkit.optimize`;
    - ``bound``: ``"auto"``, ``"sdp"``, ``"cycle"`` or ``"best"``;
    - ``time_limit``: seconds for all solutions together.

    ``SampleSet.info`` holds ``bound`` (a lower bound on every energy), ``bound_status``, ``gap``, ``proven_optimal``
    and ``certificate``, the record that `derandkit.verify` checks against the model; all of them are about the best
    solution.

    Examples
    --------
    >>> import dimod
    >>> model = dimod.BinaryQuadraticModel({"a": 1, "b": 1}, {("a", "b"): -3}, 0, "BINARY")
    >>> found = DerandkitSampler().sample(model)
    >>> float(found.first.energy), found.info["bound"], found.info["proven_optimal"]
    (-1.0, -1, True)
    """

    def __init__(self) -> None:
        self._parameters: dict[str, list[str]] = {
            name: [] for name in ("num_reads", "initial_states", "search", "bound", "time_limit")
        }
        self._properties: JsonObject = {"deterministic": True}

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Keywords that `sample` takes."""
        return self._parameters

    @property
    def properties(self) -> JsonObject:
        """What the sampler says of itself."""
        return self._properties

    def sample_ising(
        self,
        h: Mapping[Hashable, float] | Sequence[float],
        J: Mapping[tuple[Hashable, Hashable], float] | ArrayLike,
        **parameters: object,
    ) -> object:
        """Return the best solutions of an Ising model; see `sample`.

        Parameters
        ----------
        h, J : mapping, series or list, and mapping or square matrix
            Fields and couplings, as dimod takes them: of a series the index has the variables, of a list the places.
        **parameters
            As in `sample`.

        Raises
        ------
        InputError
            A coefficient is no double: dimod would round it. Or an index has one variable twice.
        """
        return super().sample_ising(_as_doubles(_fields(h)), _as_doubles(J), **parameters)

    def sample_qubo(
        self, Q: Mapping[tuple[Hashable, Hashable], float] | ArrayLike, **parameters: object
    ) -> object:
        """Return the best solutions of a QUBO; see `sample`.

        Parameters
        ----------
        Q : mapping or square matrix
            Coefficients by pair, as dimod takes them.
        **parameters
            As in `sample`.

        Raises
        ------
        InputError
            A coefficient is no double: dimod would round it.
        """
        return super().sample_qubo(_as_doubles(Q), **parameters)

    def sample(self, bqm: Any, **parameters: Any) -> Any:
        """Return the best solutions of a binary quadratic model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, to be minimised.
        **parameters
            See the class; others are ignored with a warning, as dimod's samplers do.

        Returns
        -------
        dimod.SampleSet
            One row a solution, all of them different.

        Raises
        ------
        InputError
            The model is none, or a parameter cannot be used.
        Interrupted
            Ctrl-C; it carries the best sample set so far.
        """
        if not hasattr(bqm, "num_variables"):
            raise InputError(
                f"sample takes a dimod BinaryQuadraticModel, got {type(bqm).__name__}; for mappings use sample_qubo or "
                "sample_ising"
            )
        given = self.remove_unknown_kwargs(**parameters)
        reads, states = given.pop("num_reads", 1), given.pop("initial_states", None)
        if isinstance(reads, bool) or not isinstance(reads, (int, np.integer)) or reads < 1:
            raise InputError(f"num_reads is the number of solutions, at least 1; got {quoted(reads)}")
        if bqm.num_variables == 0:
            return dimod.SampleSet.from_samples_bqm([{}] if bqm.offset else [], bqm)
        model = QuadraticModel.from_dimod(bqm)
        start = None if states is None else _state(model, states)
        with entry(given.pop("time_limit", None)) as clock:  # of all solutions together
            result = optimize(model, start=start, **given)
            solutions = [model.assignment(result.values)]
            if reads > 1:
                solutions = _several(model, solutions[0], int(reads))
                if model.exact_value(solutions[0]) < model.exact_value(result.solution):  # met on the way
                    result = optimize(model, start=solutions[0], **given)
                    best = model.assignment(result.values)
                    solutions = [best, *(x for x in solutions if not np.array_equal(x, best))]
        labels = list(model.labels)
        found = dimod.SampleSet.from_samples_bqm(
            (np.array(solutions[: int(reads)], dtype=np.int8), labels),
            bqm,
            info={
                "bound": result.bound,
                "bound_status": result.bound_status,
                "gap": result.gap,
                "proven_optimal": result.proven_optimal,
                "certificate": result.to_dict(),
            },
        )
        return deliver(clock, found)


def _fields(h: object) -> Mapping[Hashable, float]:
    """Return fields by variable: those of a series by its index, those of a list by place.

    Raises
    ------
    InputError
        An index has one variable twice.

    Examples
    --------
    >>> import pandas as pd
    >>> _fields(pd.Series([1.0, -2.0], index=["b", "a"])), _fields([1, -2])
    ({'b': 1.0, 'a': -2.0}, {0: 1, 1: -2})
    """
    if isinstance(h, Mapping):
        return h
    series = plain_series(h)
    index = index_of(series)
    if index is None:
        return dict(enumerate(series))  # type: ignore[arg-type]
    if not index.is_unique:
        raise InputError(
            f"the index of h has {quoted(index[index.duplicated()][0])} twice; add its fields up"
        )
    return dict(zip(index.tolist(), series.tolist(), strict=True))  # type: ignore[attr-defined]


def _as_doubles(terms: object) -> object:
    """Return coefficients as doubles, refusing those that dimod would round; of pairs also as a matrix.

    Examples
    --------
    >>> _as_doubles({("a", "b"): 2}), _as_doubles([[0, 1], [0, 0]]).tolist()
    ({('a', 'b'): 2.0}, [[0.0, 1.0], [0.0, 0.0]])
    """
    if isinstance(terms, Mapping):
        return {key: coefficient(value, f"of {key!r}") for key, value in terms.items()}
    if not isinstance(terms, (np.ndarray, list, tuple)):
        return terms  # dimod knows what else it takes
    matrix = real_array(terms, "the coefficients of pairs")
    if matrix.size and (matrix.ndim != 2 or len(set(matrix.shape)) > 1):
        raise InputError(
            f"coefficients of pairs are a mapping, or a square matrix with one row a variable; got shape {matrix.shape}"
        )
    return matrix


def _state(model: QuadraticModel, states: Any) -> SignArray:
    """Return the best sample of what the user starts from."""
    if isinstance(states, Mapping):
        return model.assignment(states)
    try:
        samples = [dict(sample) for sample in states.samples()]
    except AttributeError:
        raise InputError(
            f"initial_states is a mapping or a sample set, got {type(states).__name__}"
        ) from None
    return min((model.assignment(sample) for sample in samples), key=model.exact_value)


def _several(model: QuadraticModel, best: SignArray, count: int) -> list[SignArray]:
    """Return different solutions, the best first: those of the greatest different cuts that are met."""
    graph, inverse = as_graph(model)
    sides = (int(sign < 0) for sign in inverse.signs(best).tolist())
    ranked: Any = maxcut(graph, start=dict(zip(graph.labels, sides, strict=True)), solutions=count)
    found = [inverse.solution(cut.signs) for cut in ranked.solutions]
    if (
        inverse.reference is None
    ):  # without linear terms a solution and its mirror image are two solutions of one energy
        mirrored = [-x if model.vartype == "spin" else 1 - x for x in found]
        found = [x for pair in zip(found, mirrored, strict=True) for x in pair]
    return sorted(found, key=model.exact_value)[:count]
