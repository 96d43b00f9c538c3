"""The parts of the result of structure discovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from derandkit.parts.part import Part


@dataclass(frozen=True, eq=False)
class StudentRecord(Part):
    """Which network was trained.

    Parameters
    ----------
    kind : {"built-in", "user"}
        Whether the network is one of the package; the next four are None otherwise.
    depth, activation, sharpness, output_bias
        Layers of weights, activation, sharpness of the smooth ReLU, and whether the output has a bias.
    width : int
        Units of a layer.
    start : {"balanced", "published"}
        How the parameters started.
    stream : int
        Which start.

    Examples
    --------
    >>> from derandkit import Student
    >>> record = StudentRecord.of(Student(width=4).describe())
    >>> record.width, record.depth, record.activation
    (4, 2, 'tanh')
    """

    kind: str
    width: int
    depth: int | None
    activation: str | None
    sharpness: float | None
    output_bias: bool | None
    start: str
    stream: int


@dataclass(frozen=True, eq=False)
class TrainingSettings(Part):
    """What was asked of the training.

    Parameters
    ----------
    loss : str
        The loss; ``"user"`` for one of the user's own.
    penalty, upper_penalty : float
        Coefficients of ``|W|^2`` and of the layers above.
    method : str
        The method with its parameters.
    frozen : tuple of str
        What was not trained.
    gaussian : bool
        Whether the inputs are Gaussian, which the lemma is about.
    smooth : bool
        Whether the network has second derivatives.
    rank : int or None
        Directions to keep, where that was given.
    max_steps : int or None
        Steps at most, where that was given.

    Examples
    --------
    >>> settings = TrainingSettings(
    ...     loss="squared", penalty=1e-4, upper_penalty=0.0, method="LemmaDescent", frozen=(), gaussian=True,
    ...     smooth=True, rank=None, max_steps=None,
    ... )
    >>> settings.method, settings.penalty
    ('LemmaDescent', 0.0001)
    """

    loss: str
    penalty: float
    upper_penalty: float
    method: str
    frozen: tuple[str, ...]
    gaussian: bool
    smooth: bool
    rank: int | None
    max_steps: int | None


@dataclass(frozen=True, eq=False)
class DecayControl(Part):
    """What weight decay alone would leave of ``W_perp``, by its formula.

    Parameters
    ----------
    left : float or None
        The share that is left; None where there is no formula.
    reason : str or None
        Why there is none.
    step_size : float
        The step size in the formula.
    steps : int
        The number of steps.

    Examples
    --------
    >>> DecayControl(left=0.9, reason=None, step_size=0.1, steps=500).left
    0.9
    """

    left: float | None
    reason: str | None
    step_size: float
    steps: int


@dataclass(frozen=True, eq=False)
class TrainingControl(Part):
    """A training without one of the lemma's ingredients.

    Parameters
    ----------
    evaluations : int
        Gradients.
    ratio : float
        ``|W_perp|`` as a share of its start.
    status : str
        How the training ended.
    training_loss, w_par, w_perp : float
        Its loss, and the sizes of the two parts of W.

    Examples
    --------
    >>> control = TrainingControl(
    ...     evaluations=500, ratio=0.8, status="converged", training_loss=0.1, w_par=1.0, w_perp=0.8
    ... )
    >>> control.ratio, control.status
    (0.8, 'converged')
    """

    evaluations: int
    ratio: float
    status: str
    training_loss: float
    w_par: float
    w_perp: float


@dataclass(frozen=True, eq=False)
class Shares(Part):
    """The shrinkage of ``W_perp`` divided among its causes, in logarithms; None where one is not known.

    Parameters
    ----------
    decay, curvature, together : float or None
        Weight decay alone, curvature alone, and what only both together do.

    Examples
    --------
    >>> Shares(decay=0.1, curvature=0.7, together=0.2)
    Shares(decay=0.1, curvature=0.7, together=0.2)
    """

    decay: float | None
    curvature: float | None
    together: float | None


@dataclass(frozen=True, eq=False)
class Controls(Part):
    """What is left of ``W_perp`` without the lemma's ingredients.

    Parameters
    ----------
    decay : DecayControl
        Weight decay alone.
    frozen_bias, no_penalty : TrainingControl or None
        Trainings with the bias frozen and without the penalty; None where they were not made.
    shares : Shares
        The shrinkage divided.

    Examples
    --------
    >>> decay = DecayControl(left=0.9, reason=None, step_size=0.1, steps=500)
    >>> controls = Controls(decay, frozen_bias=None, no_penalty=None, shares=Shares(0.1, None, None))
    >>> controls.decay.steps, controls.shares.decay
    (500, 0.1)
    """

    decay: DecayControl
    frozen_bias: TrainingControl | None
    no_penalty: TrainingControl | None
    shares: Shares

    inner: ClassVar[Mapping[str, type[Part]]] = {
        "decay": DecayControl,
        "frozen_bias": TrainingControl,
        "no_penalty": TrainingControl,
        "shares": Shares,
    }


@dataclass(frozen=True, eq=False)
class PenaltyTrial(Part):
    """A pair of penalties on the path of `Selection`.

    Parameters
    ----------
    penalty, upper_penalty : float
        The pair.
    loss, loss_error : float
        The loss on rows kept back, and its standard error.

    Examples
    --------
    >>> PenaltyTrial(penalty=1e-3, upper_penalty=0.0, loss=0.25, loss_error=0.01)
    PenaltyTrial(penalty=0.001, upper_penalty=0.0, loss=0.25, loss_error=0.01)
    """

    penalty: float
    upper_penalty: float
    loss: float
    loss_error: float


@dataclass(frozen=True, eq=False)
class RankTrial(Part):
    """A number of directions that `Selection` tried.

    Parameters
    ----------
    rank : int
        The number.
    penalty, upper_penalty : float
        The penalties that suit it.
    loss, loss_error : float
        The loss on rows kept back, and its standard error.
    stability : float
        How alike the directions of the folds are; 1 if they are the same.

    Examples
    --------
    >>> RankTrial(rank=2, penalty=1e-3, upper_penalty=0.0, loss=0.25, loss_error=0.01, stability=0.99).rank
    2
    """

    rank: int
    penalty: float
    upper_penalty: float
    loss: float
    loss_error: float
    stability: float


@dataclass(frozen=True, eq=False)
class Selection(Part):
    """How penalties and the number of directions were chosen, for ``penalty="auto"``.

    Parameters
    ----------
    folds : int
        How many parts of the rows were kept back in turn.
    path : tuple of PenaltyTrial
        The penalties.
    ranks : tuple of RankTrial
        The numbers of directions.
    shortened : int, optional
        How many pairs a limit of time, or Ctrl-C, left with shorter descents than the others, or with none; None if
        it left all of them alone.
    rows : int, optional
        How many training rows the choice was made on; None for all of them.

    Examples
    --------
    >>> trial = PenaltyTrial(penalty=1e-3, upper_penalty=0.0, loss=0.25, loss_error=0.01)
    >>> Selection(folds=4, path=(trial,), ranks=()).path[0].loss
    0.25
    """

    folds: int
    path: tuple[PenaltyTrial, ...]
    ranks: tuple[RankTrial, ...]
    shortened: int | None = None
    rows: int | None = None

    optional: ClassVar[frozenset[str]] = frozenset({"shortened", "rows"})
    inner: ClassVar[Mapping[str, type[Part]]] = {"path": PenaltyTrial, "ranks": RankTrial}


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of a trained network; losses and gradients on two sets of nodes.

    Numbers that are means over evaluation nodes, or over rows by their weights, have a standard error under their name
    with ``_error``. None stands where there is nothing to measure: angles for data, weights of columns for a teacher,
    curvatures of a network without second derivatives.

    Parameters
    ----------
    w_perp, w_perp_start, w_par, ratio : float
        ``|W_perp|`` at the end and at the start, ``|W_par|``, and ``w_perp / w_perp_start``.
    singular_values, effective_rank
        Of W; the rank is the exponential of the entropy of the singular values.
    principal_angles : tuple of float, or None
        Angles between the leading right singular vectors and the teacher's span, in radians.
    strengths : tuple of float
        Singular values of W on the span.
    column_weights : tuple of tuples of float, or None
        For data: the directions of the span as unit weights of the standardised columns.
    loss, mean_loss, linear_loss : float or None
        On evaluation nodes: of the network, of the best constant, of a linear model.
    gain : float or None
        ``mean_loss - loss``.
    training_loss, mean_training_loss, gradient_norm : float
        On the training nodes.
    population_gradient_norm, perp_gradient, smallest_curvature, largest_curvature : float or None
        On evaluation nodes: gradients in all parameters and in ``W_perp``, eigenvalues of the Hessian in b.
    lemma_bound, stein_estimate, stein_residual : float or None
        The lemma's bound on ``|W_perp|``, what Stein's identity says it is, and by how much that fails.
    row_bound, row_gradient, row_curvature : float or None
        The bound with the curvature along the rows of ``W_perp``, and what it is the quotient of.
    loss_error, gain_error, population_gradient_norm_error, perp_gradient_error : float or None
        Standard errors of these numbers.
    smallest_curvature_error, largest_curvature_error, lemma_bound_error : float or None
        Likewise.
    stein_estimate_error, stein_residual_error, row_bound_error, row_gradient_error : float or None
        Likewise.
    row_curvature_error : float or None
        Likewise.
    evaluations : int
        Gradients.

    Examples
    --------
    >>> from dataclasses import fields
    >>> [field.name for field in fields(Measured)][:4]
    ['w_perp', 'w_perp_start', 'w_par', 'ratio']
    """

    w_perp: float
    w_perp_start: float
    w_par: float
    ratio: float
    singular_values: tuple[float, ...]
    effective_rank: float
    principal_angles: tuple[float, ...] | None
    strengths: tuple[float, ...]
    column_weights: tuple[tuple[float, ...], ...] | None
    loss: float | None
    loss_error: float | None
    mean_loss: float | None
    linear_loss: float | None
    gain: float | None
    gain_error: float | None
    training_loss: float
    mean_training_loss: float | None
    gradient_norm: float
    population_gradient_norm: float | None
    population_gradient_norm_error: float | None
    perp_gradient: float | None
    perp_gradient_error: float | None
    smallest_curvature: float | None
    smallest_curvature_error: float | None
    largest_curvature: float | None
    largest_curvature_error: float | None
    lemma_bound: float | None
    lemma_bound_error: float | None
    stein_estimate: float | None
    stein_estimate_error: float | None
    stein_residual: float | None
    stein_residual_error: float | None
    row_bound: float | None
    row_bound_error: float | None
    row_curvature: float | None
    row_curvature_error: float | None
    row_gradient: float | None
    row_gradient_error: float | None
    evaluations: int


@dataclass(frozen=True, eq=False)
class Measurements(Measured, Part):
    """The same as a part of a result: `Measured`, read as a mapping.

    Examples
    --------
    >>> from dataclasses import fields
    >>> [field.name for field in fields(Measurements)][:4]
    ['w_perp', 'w_perp_start', 'w_par', 'ratio']
    """
