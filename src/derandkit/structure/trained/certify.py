"""`certify_network`: what a network that is trained already has forgotten, and what the lemma says about it."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from derandkit.errors import InputError
from derandkit.given.rows import texts_of
from derandkit.numerics.vectors import norm
from derandkit.options import check_choice
from derandkit.status import NetworkStatus
from derandkit.structure.choices import LOSSES, OF_CLASSES
from derandkit.structure.heldout.parts import mean_of
from derandkit.structure.intake.repeats import judged_parts
from derandkit.structure.intake.targets import two_classes, under_loss
from derandkit.structure.measure import (
    ERROR_DIGITS,
    LEAST_RESIDUAL,
    Evaluation,
    effective_rank,
    leading_directions,
    lemma_measurements,
    settled,
    singular_values,
    split,
)
from derandkit.structure.options import LARGEST_PENALTY, check_flag, real, whole
from derandkit.structure.trained.adapters import STATED, adapt, library_of
from derandkit.structure.trained.layers import may_be_probabilities
from derandkit.structure.trained.places import between_places, folded
from derandkit.structure.trained.result import NetworkCertificate, is_rounding, within
from derandkit.structure.trained.rows import check_columns, column_names, given_directions, read_rows
from derandkit.structure.trained.variation import check_read, columns_of, covariance_root
from derandkit.words.quoting import quoted

if TYPE_CHECKING:
    from derandkit.numerics.typing import FloatArray
    from derandkit.records import JsonMapping
    from derandkit.structure.choices import Loss
    from derandkit.structure.trained.adapters import Trained
    from derandkit.structure.trained.layers import Derivatives

#: Standard errors by which ``|W_perp|`` has to be above the bound along the rows to contradict it.
ROW_ERRORS = 4.0
#: What is divided by a curvature, and by which.
DIVIDED = {
    "lemma_bound": "smallest_curvature",
    "row_bound": "row_curvature",
    "stein_estimate": "smallest_curvature",
}
#: A singular value of the first layer that is no larger than this share of the largest one is rounding.
LEAST_SHARE = 1e-13
#: A first layer that is smaller and not zero consists of numbers that lose their digits.
LEAST_LAYER = 1e-290
#: Larger whole numbers are not all floating-point numbers.
MOST_STEPS = 2**53


def certify_network(
    model: object,
    X: object,
    y: object,
    *,
    loss: Loss | None = None,
    penalty: float = 0.0,
    directions: object = None,
    rank: int | None = None,
    weights: object = None,
    bias: object = None,
    steps: int | None = None,
    step_size: float | None = None,
    logits: bool = False,
) -> NetworkCertificate:
    """Measure what the first layer of a trained network has forgotten, and what the lemma says about it.

    Give rows that the network was not trained on: on training rows the gradient is driven to zero while their noise
    keeps some ``W_perp``, and the bound would be wrong.

    Parameters
    ----------
    model : object
        A PyTorch, Equinox or Flax module (nnx, or a bound linen module) whose first layer is ``Linear`` or ``Dense``
        or a convolution, with a bias, also over patches or tokens; a fitted ``MLPRegressor`` or
        ``MLPClassifier``, a sequential Keras model of ``Dense`` layers, or with `weights` and `bias` a JAX function of
        ``z = W x + b`` of one row.
    X : array_like, shape (m, d), or (m, ...) for images and tokens
        Inputs, as the network takes them; at least 16 rows, 8 of them different. A frame is read as by
        `RegressionData`, unless the network was fitted with its columns.
    y : array_like, shape (m,) or (m, k)
        Targets; classes for the losses logistic and softmax, see `RegressionData`. Those of a fitted ``MLPClassifier``
        are some of its ``classes_``; for others the different targets, sorted, are the classes of the outputs. Several
        columns under ``loss="logistic"`` are answers of yes or no, one for each output.
    loss : {"squared", "logistic", "huber", "softmax"}, optional
        What the network was trained with; by default that of a model of scikit-learn or of a compiled one of Keras, and
        of others what suits the targets. With k outputs, the mean over them.
    penalty : float
        Coefficient of ``|W|^2`` beside the mean loss: half of PyTorch's ``weight_decay``; for the MLPs of scikit-learn
        ``alpha`` over the rows of a batch, half of that for a classifier. The lemma holds for any.
    directions : array_like, shape (q, d), optional
        What the target is known to depend on, as weights of the columns of X. For a layer that is applied to patches
        or tokens: weights of what it sees of one of them; for overlapping windows: of the flat image. The columns of a
        frame are those of X, in their order. By default the
        leading directions of W are taken, and then ``W_perp`` is small by their choice.
    rank : int, optional
        Number of directions, at most the rank of the first layer; by default its rounded effective rank.
    weights, bias : array_like, shapes (n, d) and (n,), optional
        First layer, if the model is a plain function.
    steps, step_size : int and float, optional
        Steps of gradient descent and their size: weight decay alone would have left
        ``|1 - 2 step_size penalty|^steps``.
    logits : bool
        Under the losses logistic and softmax, outputs are logits; a sigmoid or softmax at the end belongs to the loss.
        Outputs that may be probabilities, since all are between 0 and 1 (and add up to 1), are refused, unless True
        says that they are logits; under other losses True is refused.

    Returns
    -------
    NetworkCertificate
        Sizes are those of ``W S``, where S is the root of the covariance of X: what the rows of W weigh on inputs of
        variance 1.

    Raises
    ------
    InputError
        If the model is of no kind that is known, its inputs also reach later layers directly, rows and options do not
        fit, labels of the rows of X and y disagree, a target is no class of a fitted classifier, or the loss is not
        that of its fit.
    MissingDependencyError
        If jax is not installed and the model is no PyTorch module: ``pip install derandkit[structure]``.

    Warns
    -----
    UserWarning
        If rows are repeated: equal ones are in one of the parts from which standard errors come.

    Notes
    -----
    With ``x = mu + S z`` and z Gaussian, Stein's identity says ``dF/d(W S) P = H W S P``, where P projects on what the
    target does not depend on, and H is the Hessian of F in the bias. So ``|W S P|`` is at most
    ``|dF/d(W S) P + 2 penalty W S P| / (2 penalty + lambda_min(H))``, for any penalty that makes the denominator
    positive. With ``h = <W S P, H W S P> / |W S P|^2`` in place of ``lambda_min(H)`` it is also at most that: the bound
    along the rows that are left, which exists wherever ``2 penalty + h`` is positive. Costs a gradient and n
    second derivatives of every row; of a layer that is applied at P places P n of them.

    Such a layer is one W that sees ``x_p`` at place p. If what varies beside the directions is Gaussian with the
    covariance ``K_pr S^2`` between places p and r, the same holds with ``sum_pr K_pr H_pr`` in place of H, where
    ``H_pr`` is the second derivative in the biases of two places.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> X = np.random.default_rng(0).standard_normal((400, 3))
    >>> W, b, v = np.array([[2.0, 0, 0], [0, 0.1, 0]]), np.zeros(2), np.array([1.0, 0.0])
    >>> found = certify_network(
    ...     lambda z: jnp.tanh(z) @ v, X, np.tanh(2 * X[:, 0]), weights=W, bias=b, directions=[[1, 0, 0]], penalty=1e-3
    ... )
    >>> round(found.w_perp, 2), found.kind
    (0.1, 'a JAX function of the user')
    """
    if loss is not None:
        loss = check_choice("loss", loss, LOSSES)
    check_flag("logits", logits)
    table, shape, target, loss, classes = read_rows(model if weights is None else None, X, y, loss)
    if not (real(penalty) and 0 <= penalty <= LARGEST_PENALTY):
        raise InputError(f"penalty must be between 0 and {LARGEST_PENALTY:g}, got {quoted(penalty)}")
    if logits and loss not in OF_CLASSES:
        raise InputError(
            f"logits=True is for the losses {' and '.join(OF_CLASSES)}; outputs under the {loss} loss are no logits: "
            "leave it out, or say loss="
        )
    if (steps is None) != (step_size is None):
        raise InputError("what weight decay leaves needs both steps and step_size")
    if steps is not None and not (
        whole(steps) and 0 <= steps <= MOST_STEPS and real(step_size) and float(step_size or 0.0) > 0
    ):
        raise InputError(
            "steps must be a whole number up to 2^53 and step_size positive, got "
            f"{quoted(steps)} and {quoted(step_size)}"
        )
    if len(table) != len(target.values):
        raise InputError(
            f"{len(table)} rows of inputs and {len(target.values)} targets do not fit each other"
        )
    judged = judged_parts(table)
    check_columns(model, X)
    network = adapt(model, weights, bias, shape, loss, table)
    values = under_loss(target, loss)
    if loss == "logistic" and not np.isin(values, (0.0, 1.0)).all():
        raise InputError("the logistic loss needs two classes")
    check_fit(network, table, values)
    if not logits:
        refuse_probabilities(model, network, table, loss)
    seen = table if network.places is None else table[:, network.places]
    mean, scale, root, back, faint = covariance_root(seen)
    with np.errstate(over="ignore", invalid="ignore"):
        W = np.einsum("ni,ij->nj", network.W * scale, root)
    if not math.isfinite(norm(W)):
        raise InputError(
            "the first layer on inputs of variance 1 has weights beyond the range of numbers; rescale it or the inputs"
        )
    tiny = (network.W != 0.0) & (np.abs(network.W * scale) < LEAST_LAYER)
    if norm(W) < LEAST_LAYER and (W.any() or tiny.any()):
        raise InputError(
            "the first layer has weights so small that they lose their digits; rescale it or the inputs"
        )
    values_of_layer = singular_values(W)
    if directions is not None:
        names = column_names(X)
        if names is None and hasattr(model, "feature_names_in_"):
            names = texts_of(model.feature_names_in_)
        called = names if network.places is None else None
        span, columns = given_directions(directions, called, scale, root, rank)
    else:
        # below that, singular vectors are those of rounding errors, and may lie where no row varies
        most = int(np.count_nonzero(values_of_layer > LEAST_SHARE * values_of_layer[0]))
        if most == 0:
            raise InputError(
                "the first layer is zero on these rows, and has no leading direction; give directions"
            )
        rank = min(max(1, round(effective_rank(values_of_layer))), most) if rank is None else rank
        if not (whole(rank) and 1 <= rank <= most):
            raise InputError(
                f"rank must be between 1 and {most}, the rank of the first layer, got {quoted(rank)}"
            )
        span = leading_directions(W, int(rank))
        columns = columns_of(span, back) / scale
    mix = None if network.places is None else between_places(seen - mean, back / scale[:, None], span)
    parts = [network.derivatives(table[rows], values[rows], loss, mix) for rows in judged]
    spread = [np.einsum("ni,ij->nj", (p.W - _centre(p, mean)) / scale, back) for p in parts]
    evaluation = Evaluation(
        np.array([p.risk for p in parts]),
        np.array(spread),
        np.array([np.concatenate((p.b, p.rest)) for p in parts]),
        np.array([p.curvature for p in parts]),
        "rows",
        np.array([float(len(rows)) for rows in judged]),
    )
    parallel, perp = split(W, span)
    figures = known_bounds(
        lemma_measurements(evaluation, W, span, float(penalty), smooth=network.smooth), float(penalty)
    )
    cancelled = max(
        norm(np.einsum("ni,ij->nj", (np.abs(p.W) + np.abs(_centre(p, mean))) / scale, np.abs(back)))
        for p in parts
    )
    curvature = max(norm(p.curvature) for p in parts)
    _, gradient, _, bend = evaluation.mean()
    sides = split(gradient, span)[1], bend @ perp
    residual = (cancelled + curvature * norm(W)) / max(sum(map(norm, sides)), 1e-300)
    if not residual < 1.0 / LEAST_RESIDUAL:
        figures |= {"stein_residual": None, "stein_residual_error": None}
    left = settled(norm(perp))
    if len(span) == round(float(np.einsum("ij,ij->", root, back))):  # all that varies: the rest is rounding
        left = 0.0
        nothing = [name for name in figures if name.startswith(("perp_", "lemma_", "stein_estimate"))]
        figures |= {name: 0.0 for name in nothing if figures[name] is not None}
    check_read(norm(network.W @ faint), W, left, figures["lemma_bound"])
    risk, error = evaluation.estimate(lambda value, *_: value)
    return NetworkCertificate(
        status=status_of(left, figures),
        kind=network.kind,
        loss=loss,
        penalty=float(penalty),
        smooth=network.smooth,
        directions_given=directions is not None,
        rows=len(table),
        digest=digest_of(table, values),
        names=column_names(X) if network.places is None else None,
        classes=classes,
        logits=bool(logits),
        places=network.places,
        W=network.W,
        b=network.b,
        directions=columns,
        w_perp=left,
        w_par=settled(norm(parallel)),
        # of fewer axes than units and columns, the others are zero
        singular_values=(*values_of_layer.tolist(), *[0.0] * (min(network.W.shape) - min(W.shape))),
        effective_rank=effective_rank(values_of_layer),
        risk=settled(risk),
        risk_error=settled(error, ERROR_DIGITS),
        gradient_norm=_gradient(parts, evaluation.shares, network, float(penalty)),
        figures={name: figures[name] for name in sorted(figures)},
        decay=None if steps is None else _decay(float(penalty), int(steps), float(step_size or 0.0)),
    )


def known_bounds(figures: dict[str, float | None], penalty: float) -> dict[str, float | None]:
    """Return figures without the bounds whose denominator is rounding of the largest curvature.

    Examples
    --------
    >>> noise = {"smallest_curvature": 1e-17, "row_curvature": 0.1, "largest_curvature": 0.5, "lemma_bound": 1e16}
    >>> noise |= {"lemma_bound_error": 1.0, "row_bound": 2.0, "row_bound_error": 0.1}
    >>> found = known_bounds(noise, 0.0)
    >>> found["lemma_bound"], found["row_bound"]
    (None, 2.0)
    """
    out, largest = dict(figures), figures["largest_curvature"] or 0.0
    for name, bend in DIVIDED.items():
        below = 2.0 * penalty + (figures[bend] or 0.0)
        if is_rounding(below, largest, penalty):
            out |= {name: None, f"{name}_error": None}
    return out


def check_fit(network: Trained, table: FloatArray, values: FloatArray) -> None:
    """Refuse rows or targets that a network does not take.

    Raises
    ------
    InputError
        Names both shapes.
    """
    if network.places is None and network.W.shape[1] != table.shape[1]:
        raise InputError(
            f"the first layer takes {network.W.shape[1]} inputs, and the rows have {table.shape[1]}"
        )
    found = network.outputs(table[:2])
    if found.shape[1:] != values.shape[1:]:
        two = found.shape[1:] == (2,) and two_classes(values)
        one = found.ndim == 1 and values.shape[1:] == (2,) and bool((values.sum(axis=1) == 1.0).all())
        raise InputError(
            f"the network has outputs of shape {found.shape[1:]}, and the targets {values.shape[1:]}"
            + ("; for one output for each of two classes say loss='softmax'" if two else "")
            + ("; for one output of two classes give them in one column" if one else "")
        )


def refuse_probabilities(model: object, network: Trained, table: FloatArray, loss: str) -> None:
    """Refuse a network whose outputs for all rows may be probabilities, where its loss makes some of logits.

    What the layers of scikit-learn and Keras end in is known.

    Raises
    ------
    InputError
        It names both readings, and what to do for each.
    """
    last = "" if library_of(model) in STATED else may_be_probabilities(network.outputs, table, loss)
    if not last:
        return
    what = {
        "sigmoid": "between 0 and 1: probabilities",
        "softmax": "between 0 and 1 and add up to 1: probabilities",
        "log-sigmoid": "at most 0: logarithms of probabilities",
    }[last]
    raise InputError(
        f"the outputs of {network.kind} on these rows are all {what}, or logits, which the {loss} loss takes; leave "
        f"out the {last} at the end, which the loss has inside, or say logits=True if they are logits"
    )


def status_of(w_perp: float, figures: JsonMapping) -> NetworkStatus:
    """Return whether the lemma bounds ``|W_perp|``, says nothing, or does not apply to these rows.

    The bound along the rows is so sharp that noise reaches it sooner: it contradicts by four standard errors only. It
    counts as the bound where the lemma's does not exist. Sizes are stored to ten digits, and a bound that is the size
    itself, as of units that are saturated, is one.
    """
    pairs = [
        (figures[name], figures[f"{name}_error"], errors)
        for name, errors in (("lemma_bound", 2.0), ("row_bound", ROW_ERRORS))
    ]
    tops = [bound + errors * error for bound, error, errors in pairs if None not in (bound, error)]
    if not tops:
        return NetworkStatus.NO_BOUND
    return NetworkStatus.BOUNDED if within(w_perp, min(tops)) else NetworkStatus.CONTRADICTED


def digest_of(X: FloatArray, y: FloatArray) -> str:
    """Return the SHA-256 of rows and targets."""
    head = f"derandkit network rows {X.shape} {y.shape}\n".encode("ascii")
    return hashlib.sha256(
        head + np.ascontiguousarray(X).tobytes() + np.ascontiguousarray(y).tobytes()
    ).hexdigest()


def _centre(part: Derivatives, mean: FloatArray) -> FloatArray:
    """Return what the gradient in W owes to the mean of the inputs: at each place its own."""
    if part.places is None:
        return part.b[:, None] * mean
    moved: FloatArray = np.einsum("pn,pi->ni", part.places, mean)
    return moved


def _gradient(parts: list[Derivatives], shares: FloatArray, network: Trained, penalty: float) -> float:
    """Return the length of the gradient of the penalised risk in all parameters."""
    # the penalty is on the parameters: of a convolution on the kernel, with what lies on padding in every window
    windows, W = network.windows, network.W if network.kernel is None else network.kernel
    dW, db, rest = (
        mean_of(np.array(column), shares)
        for column in ([p.W for p in parts], [p.b for p in parts], [p.rest for p in parts])
    )
    if windows is not None:
        # the kernel stands in the matrix once for each window
        dW, db = folded(dW, windows), db.reshape(len(windows), -1).sum(axis=0)
    with np.errstate(over="ignore"):
        length = math.hypot(*map(norm, (dW + 2.0 * penalty * W, db, rest)))
    if not math.isfinite(length):
        raise InputError(
            "the gradient is beyond the range of numbers; rescale the first layer or the penalty"
        )
    return settled(length)


def _decay(penalty: float, steps: int, size: float) -> dict[str, float]:
    try:
        left = abs(1.0 - 2.0 * size * penalty) ** steps
    except OverflowError:
        left = math.inf
    if not math.isfinite(left):
        raise InputError(
            f"{steps} steps of {size:g} with penalty {penalty:g} make W grow beyond the range of numbers"
        )
    return {
        "left": settled(left),
        "step_size": size,
        "steps": float(steps),
    }
