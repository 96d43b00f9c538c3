"""Every way in which a run can end, side by side: engine, cuts, quadratic problems, embeddings, features, structure.

The value of a member is its message. `ok` has one meaning for all of them: the run reached its aim, and
what the result states holds. It is false after Ctrl-C, where a tolerance was missed at a limit of steps, sweeps or
time, where the method failed, and where data show nothing. A limit alone is no failure: a search or an embedding
that ends at its limit of time misses no tolerance. A bound that is an estimate is stated as an estimate.

With ``throw=True`` a result that is not ok is raised as `derandkit.ConvergenceError`; a command leaves with exit code
1. The module imports nothing, so the certificate checks can read it too.
"""

from __future__ import annotations

from enum import Enum

#: Names of the ends that are not ok. A name means the same in every enumeration.
_MISSED = frozenset(
    {
        "CONTRADICTED",
        "DIVERGED",
        "DUALITY_GAP_NOT_REACHED",
        "INTERRUPTED",
        "NOTHING_FOUND",
        "NO_BOUND",
        "NOT_FINITE",
        "OVERFITTED",
        "STALLED",
        "STEP_LIMIT",
        "TIME_LIMIT",
        "UNBOUNDED",
    }
)


class RunStatus(Enum):
    """What all enumerations of ends share."""

    @property
    def ok(self) -> bool:
        """Whether the run reached its aim, and what the result states holds."""
        return self.name not in _MISSED


class CutStatus(RunStatus):
    """How a maximum-cut run ended; the value is the message.

    Examples
    --------
    >>> CutStatus.OPTIMAL.ok, CutStatus.OPTIMAL.value.split(":")[0]
    (True, 'optimal')
    """

    OPTIMAL = "optimal: the cut equals the certified upper bound"
    SOLVED = (
        "solved: the bound is certified and the cut is no worse than the randomized algorithm's expectation"
    )
    BOUND_TESTED = (
        "bound tested: the cut and its chain hold, the upper bound passes a test by coins, "
        "which a false one would pass with the error probability stated under 'bound'"
    )
    BOUND_ESTIMATED = (
        "bound estimated: the cut and its chain hold, the upper bound rests on an iterative eigenvalue; "
        "see the reason under 'bound'"
    )
    DUALITY_GAP_NOT_REACHED = (
        "duality gap not reached: the cut and the bound hold, the relaxation stopped before it was met; "
        "raise max_sweeps or loosen duality_gap"
    )
    INTERRUPTED = (
        "interrupted: the cut and the bound hold as far as they were computed; run again for better ones"
    )


class QuadraticStatus(RunStatus):
    """How a run on a quadratic problem ended; the value is the message. Members are those of `CutStatus`.

    Examples
    --------
    >>> QuadraticStatus.OPTIMAL.ok, QuadraticStatus.OPTIMAL.value.split(":")[0]
    (True, 'optimal')
    """

    OPTIMAL = "optimal: no solution is better, the bound is certified"
    SOLVED = "solved: the bound is certified; a better solution may exist within the gap"
    BOUND_TESTED = (
        "bound tested: the value is exact, the bound passes a test by coins, "
        "which a false one would pass with the error probability stated in the record of the cut"
    )
    BOUND_ESTIMATED = "bound estimated: the value is exact, the bound rests on an iterative eigenvalue"
    DUALITY_GAP_NOT_REACHED = (
        "duality gap not reached: value and bound hold, but the relaxation stopped early, "
        "so the bound is loose"
    )
    INTERRUPTED = "interrupted: value and bound hold as far as they were computed; run again for better ones"


#: What `QuadraticStatus.OPTIMAL` says where variables have fixed values: solutions without them may be better.
OPTIMAL_OF_FIXED = "optimal: no solution with the fixed values is better, the bound is certified"


class DerandomizationStatus(RunStatus):
    """How a run ended; the value is the message.

    Examples
    --------
    >>> DerandomizationStatus.DETERMINISTIC.ok, DerandomizationStatus.DETERMINISTIC.value.split(":")[0]
    (True, 'deterministic')
    """

    CONVERGED = "converged: the spread is zero and the point is second-order stationary to tolerance"
    DETERMINISTIC = (
        "deterministic: the spread is zero and the value is no worse than at the start; "
        "stationarity was not reached: a limit of steps or time came first, or the method does not look for it"
    )
    STATIONARY = (
        "stationary: the point is second-order stationary to tolerance and its spread was left as asked; "
        "stationarity.spread_bound is the lemma's bound on it"
    )
    STEP_LIMIT = (
        "step limit: the answer is valid and no worse than the start; raise max_steps or loosen the tolerance"
    )
    INTERRUPTED = "interrupted: the best answer so far is valid and verified; run again for a better one"
    SAMPLED = "sampled: a randomized baseline; its value is an estimate unless it was recomputed"
    NOT_FINITE = "not finite: the objective returned NaN or infinity; the last finite point is kept"
    UNBOUNDED = "unbounded: the objective keeps falling along a step without limit; check its sign"
    STALLED = (
        "stalled: no step lowers the objective further although the gradient is not small; "
        "check the gradient with check_objective"
    )


#: What `DerandomizationStatus.DETERMINISTIC` says where values do not resolve whether the point is stationary.
UNRESOLVED_END = (
    "deterministic: the spread is zero and the value is no worse than at the start; the values do not resolve whether "
    "the point is stationary; subtract the constant part of the objective, and give its gradient if derivatives are "
    "differences of values"
)
#: What `DerandomizationStatus.DETERMINISTIC` and `STEP_LIMIT` say where the value lies above that of the start.
ABOVE_START = (
    "deterministic: the spread is zero; the value lies above that of the start, by no more than the searches along "
    "lines may have missed (slack); more nodes, or another method, may do better"
)
ABOVE_AT_LIMIT = (
    "step limit: the answer is valid; its value lies above that of the start, by no more than the searches along lines "
    "may have missed (slack); raise max_steps or loosen the tolerance"
)
#: What `DerandomizationStatus.STALLED` says where values, or differences of them, do not resolve a small gradient.
UNRESOLVED = (
    "stalled: the values do not resolve whether the point is stationary; subtract the constant part of the objective, "
    "and give its gradient if derivatives are differences of values"
)


class EmbeddingStatus(RunStatus):
    """How an embedding run ended; the value is the message.

    Examples
    --------
    >>> EmbeddingStatus.INTERRUPTED.ok, EmbeddingStatus.INTERRUPTED.value.split(":")[0]
    (False, 'interrupted')
    """

    ISOMETRY = (
        "isometry: every distance is kept to rounding, "
        "since the points lie in as many dimensions as the map has, to 1e-9 of their size"
    )
    GUARANTEED = (
        "guaranteed: the dimension promises a distortion for any points, and the map keeps the promise"
    )
    CERTIFIED = "certified: every pair was measured; the dimension is too small for a promise that holds for any points"
    INTERRUPTED = (
        "interrupted: the map is the best so far and every pair was measured; run again for a better one"
    )


#: What `EmbeddingStatus.CERTIFIED` says where the dimension is large enough for a promise.
UNKEPT = (
    "certified: every pair was measured; the map does not keep what the dimension promises for any points"
)


#: What it says where the dimension promises something, and rounding is wider than what lies between map and promise.
KEPT_OR_NOT = (
    "certified: every pair was measured; rounding hides whether the map keeps what the dimension promises for any "
    "points"
)


class FeaturesStatus(RunStatus):
    """How a run of random Fourier features ended; the value is the message.

    Examples
    --------
    >>> FeaturesStatus.INTERRUPTED.ok, FeaturesStatus.INTERRUPTED.value.split(":")[0]
    (False, 'interrupted')
    """

    GUARANTEED = (
        "guaranteed: the error over all pairs is at most "
        "the root of the mean square error of random frequencies"
    )
    CERTIFIED = (
        "certified: every pair was measured; "
        "the error is above the root of the mean square error of random frequencies"
    )
    INTERRUPTED = (
        "interrupted: the features are the best so far and every pair was measured; run again for better ones"
    )


#: What `FeaturesStatus.CERTIFIED` says where the error is neither below for sure nor above for sure.
BELOW_OR_NOT = (
    "certified: every pair was measured; rounding hides whether the error is below the root of the mean square error "
    "of random frequencies"
)
#: What was said before in place of that root, and means it.
ON_AVERAGE = (
    "what random frequencies have on average",
    "the root of the mean square error of random frequencies",
)


class StructureStatus(RunStatus):
    """How a structure run ended; the value is the message.

    Examples
    --------
    >>> StructureStatus.INTERRUPTED.ok, StructureStatus.INTERRUPTED.value.split(":")[0]
    (False, 'interrupted')
    """

    STATIONARY = (
        "stationary: on the training nodes the gradient is small, and no negative curvature was found "
        "in all parameters jointly"
    )
    STEP_LIMIT = (
        "step limit: the risk was still falling; the figures hold at the point that was reached, "
        "raise max_steps to go on"
    )
    TIME_LIMIT = (
        "time limit: the choice of penalties or the training was not finished, so that a longer run may find more; "
        "the figures hold at the point that was reached, raise the time limit to go on"
    )
    TRAINED = "trained: a stochastic method made its steps; nothing is claimed about stationarity"
    STALLED = (
        "stalled: no step lowers the risk further although the gradient is not small, "
        "as at a kink of a plain ReLU"
    )
    DIVERGED = (
        "diverged: the risk left the finite numbers; the best point before that is kept, lower the step size"
    )
    INTERRUPTED = "interrupted: the best point so far was evaluated; run again for a better one"
    NOTHING_FOUND = (
        "nothing found: no gain over the mean is sure on rows that were kept back; the target may not depend on "
        "these columns, or the rows are too few to see it"
    )
    OVERFITTED = (
        "overfitted: the training rows are fitted, and no gain over the mean is sure on rows that were kept back; "
        "choose penalty auto, or raise penalty and upper_penalty"
    )


class NetworkStatus(RunStatus):
    """What the lemma says about a network that was trained elsewhere; the value is the message.

    Examples
    --------
    >>> NetworkStatus.BOUNDED.ok, NetworkStatus.NO_BOUND.ok
    (True, False)
    """

    BOUNDED = "bounded: the lemma bounds |W_perp| on these rows, within two standard errors"
    NO_BOUND = (
        "no bound: the curvature in the bias is more negative than the penalty makes up for, or the network has no "
        "second derivatives; train longer, or with a larger penalty"
    )
    CONTRADICTED = (
        "contradicted: |W_perp| is above the bound by more than two standard errors; the inputs are not Gaussian, or "
        "the target depends on more directions"
    )


#: What `NetworkStatus.BOUNDED` says where the lemma's bound, or its standard error, is not known.
ROW_BOUNDED = (
    "bounded: the bound along the rows of W_perp holds on these rows, within four standard errors; the lemma's is not "
    "known"
)
#: What `NetworkStatus.CONTRADICTED` says where `W_perp` is not above the lemma's bound, or that is not known.
ROW_CONTRADICTED = (
    "contradicted: |W_perp| is above the bound along its rows by more than four standard errors; the inputs are not "
    "Gaussian, or the target depends on more directions"
)
#: What `NetworkStatus.NO_BOUND` says where a bound has a value, and no standard error.
UNSURE_BOUND = (
    "no bound: without some of the rows the curvature is more negative than the penalty makes up for, so that the "
    "bounds have no standard error; give more rows, or a larger penalty"
)
#: What `NetworkStatus.NO_BOUND` says where the curvature is zero, not negative.
ZERO_BOUND = (
    "no bound: the curvature in the bias and the penalty cancel, or both are zero, up to rounding; train with a larger "
    "penalty"
)
