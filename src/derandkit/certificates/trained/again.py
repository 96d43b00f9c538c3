"""A record of a trained network beside what certifying the same network once more finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from derandkit.certificates.checks import Verdict, vague
from derandkit.certificates.trained.layer import ROUNDED
from derandkit.numerics.vectors import norm
from derandkit.records import decode_array

if TYPE_CHECKING:
    from derandkit.certificates.statements import Finding
    from derandkit.records import JsonMapping

#: Derivatives of a library agree on two machines to these shares, of a number and of the terms that it is the sum of.
_AGREE, _CANCELLED = 1e-6, 1e-12
#: So close to the middle of two numbers of six digits, an error may be stored as either.
_OPEN = 1e-9
#: The figures of `check_residual`.
_RESIDUAL = ("stein_residual", "stein_residual_error")


class Again(NamedTuple):
    """What the derivatives of the network that is given say, worked out by the checker.

    Parameters
    ----------
    record : mapping
        Its first layer and every figure, under the names of a record.
    terms : mapping
        Sizes of what is added up: ``gradient`` in all parameters, ``perp_gradient`` in the first layer on inputs of
        variance 1, ``curvature`` in the bias; each in the units of its figure. ``residual``: the same of the residual
        of Stein's identity, which is a share, over the size of what it is a share of. ``left``: of the direction of
        what is left of the layer, over the size of that.
    own_layer : bool
        Whether the first layer came with the network, and not from the record that is checked.
    unsaid : str
        What the figures depend on but this version of the record does not state.
    probable : str
        As of `derandkit.certificates.trained.figures.Given`.
    apart : mapping
        For figures that are quotients, what their errors are made of: without each part of the rows the figure, and
        what it is divided by; for the residual of Stein's identity the latter in units of its terms.
    constant : float
        Mean loss of the best constant.
    """

    record: JsonMapping
    terms: Mapping[str, float]
    own_layer: bool
    unsaid: str = ""
    probable: str = ""
    apart: Mapping[str, Sequence[tuple[float, float]]] = MappingProxyType({})
    constant: float = 0.0


#: Works the figures of the network out once more.
Certify = Callable[[], Again]


def check_layer(record: JsonMapping, again: Certify | None) -> Finding:
    """Compare the first layer, and what the network is, with those of the network that is given."""
    if again is None:
        return Verdict.NOT_CHECKED, f"the network ({record['kind']:.60}) is not in the record"
    found = again()
    if record["kind"] != found.record["kind"]:
        return False, f"the record is about {record['kind']:.60}, and given is {found.record['kind']:.60}"
    if not found.own_layer:
        return Verdict.NOT_CHECKED, "a function of z does not show its first layer: give (X, y, f, W, b)"
    claimed, given = record["parameters"], found.record["parameters"]
    wrong = [
        name
        for name in ("W", "b")
        if not np.array_equal(decode_array(claimed[name]), decode_array(given[name]))
    ]
    one, other = record["places"], found.record["places"]
    if one is None or other is None:
        same = one is other
    else:
        same = np.array_equal(decode_array(one), decode_array(other))
    wrong += [] if same else ["places"]
    return not wrong, f"differs: {', '.join(wrong)}" if wrong else "W and b are those of the network"


def _widths(found: Again) -> dict[str, tuple[float, float]]:
    """Return for every figure how far rounding may move it, and the size of what it is held against."""
    record, figures = found.record, found.record["figures"]
    gradient, pull, curvature, left = (
        _CANCELLED * found.terms[name] for name in ("gradient", "perp_gradient", "curvature", "left")
    )
    bends = ("smallest_curvature", "largest_curvature", "row_curvature")
    low, high, bent = (abs(figures[name] or 0.0) for name in bends)
    # one unit of large weights, which no output shows, hides no other curvature
    scale = max(record["risk"], 2.0 * record["penalty"])
    out = {
        "risk": (0.0, record["risk"]),
        "gradient_norm": (gradient, record["gradient_norm"]),
        "perp_gradient": (pull, figures["perp_gradient"] or 0.0),
        "smallest_curvature": (curvature, max(low, scale)),
        "largest_curvature": (curvature, max(high, scale)),
        # a share of 1; its parts cancel as the gradient does
        "stein_residual": (_CANCELLED * max(1.0, found.terms["residual"]), 1.0),
    }
    along = curvature + 2.0 * left * max(low, high)
    ahead = pull + 2.0 * left * (figures["perp_gradient"] or 0.0)
    out["row_curvature"] = (along, max(bent, scale))
    out["row_gradient"] = (ahead, figures["perp_gradient"] or 0.0)
    widest: dict[str, float] = {}
    for name, bend in (
        ("lemma_bound", "smallest_curvature"),
        ("row_bound", "row_curvature"),
        ("stein_estimate", "smallest_curvature"),
    ):
        below, value = 2.0 * record["penalty"] + (figures[bend] or 0.0), figures[name] or 0.0
        over, under = (ahead, along) if name == "row_bound" else (pull, curvature)
        out[name] = (_of_quotient(value, over, below, under), value)
        widest[name] = max(
            (_of_quotient(x, over, y, under) for x, y in found.apart.get(name, ())), default=0.0
        )
    widest["stein_residual"] = max(
        (_CANCELLED / share for _, share in found.apart.get("stein_residual", ())), default=0.0
    )
    for name, (width, size) in list(out.items()):
        error = record["risk_error"] if name == "risk" else figures.get(f"{name}_error")
        # an error is made of figures without a part of the rows each, of which one may be hardly known
        out[f"{name}_error"] = (max(width, widest.get(name, 0.0)), max(size, error or 0.0))
    # losses are sums of numbers of one sign; their spread over the parts is a difference
    out["risk_error"] = (_CANCELLED * record["risk"], max(record["risk"], record["risk_error"]))
    return out


def _of_quotient(value: float, over: float, below: float, under: float) -> float:
    """Return how far a quotient may be off; infinity where the sign of what it is divided by is not known.

    Examples
    --------
    >>> _of_quotient(2.0, 0.5, 1.0, 0.25), _of_quotient(2.0, 0.5, 0.125, 0.25)
    (1.3333333333333333, inf)
    """
    return (over + value * under) / (below - under) if below > under else math.inf


def _against(found: Again) -> dict[str, float]:
    """Return what figures are compared with beside their own size, as those of structures are.

    A gradient of zero is known beside the loss of a constant, and a bound beside the layer that it bounds: what a
    unit without effect makes of all terms is not.
    """
    record = found.record
    w_perp, whole = record["w_perp"], math.hypot(record["w_perp"], record["w_par"])
    loss = max(record["risk"], found.constant)
    W, b = (norm(decode_array(record["parameters"][name])) for name in ("W", "b"))
    out = {"gradient_norm": loss / max(W, b, 1.0)}
    out |= dict.fromkeys(("perp_gradient", "row_gradient"), max(loss, 2e-6 * record["penalty"] * whole))
    bends = ("smallest_curvature", "largest_curvature", "row_curvature")
    out |= dict.fromkeys(bends, max(loss, 2.0 * record["penalty"]))
    out |= dict.fromkeys(("lemma_bound", "row_bound", "stein_estimate"), max(w_perp, 1e-6 * whole))
    return out | {f"{name}_error": size for name, size in out.items()}


def _idle(record: JsonMapping, name: str) -> bool:
    """Whether a figure is a gradient of which no bound is made: it may then be zero to rounding.

    Examples
    --------
    >>> nothing = {"figures": {"lemma_bound": None, "row_bound": 0.5}}
    >>> _idle(nothing, "perp_gradient_error"), _idle(nothing, "row_gradient"), _idle(nothing, "lemma_bound")
    (True, False, False)
    """
    bound = {"perp_gradient": "lemma_bound", "row_gradient": "row_bound"}.get(name.removesuffix("_error"))
    return bound is not None and record["figures"][bound] is None


def is_rounding(below: float, largest: float | None, penalty: float) -> bool:
    """Whether what a bound is divided by may be the rounding of the largest curvature.

    Examples
    --------
    >>> is_rounding(1e-17, 0.5, 0.0), is_rounding(1e-3, 0.5, 5e-4)
    (True, False)
    """
    return not below > _CANCELLED * (abs(largest or 0.0) + 2.0 * penalty)


def _stored(claimed: float, error: float) -> float:
    """Return a standard error as a record stores it, to six digits; of two that rounding leaves open the nearer one.

    Examples
    --------
    >>> _stored(0.0131514, 0.013151434306696576), _stored(0.0131515, 0.01315144999999999)
    (0.0131514, 0.0131515)
    """
    near = [float(f"{error * (1.0 + side * _OPEN):.5e}") for side in (-1.0, 1.0)]
    return min(near, key=lambda x: abs(claimed - x))


def check_derivatives(record: JsonMapping, again: Certify | None, unclaimed: Collection[str] = ()) -> Finding:
    """Compare every figure but those of `check_residual` with what is found again, each within a width of its own.

    Of the figures in `unclaimed` the version of the record says nothing. A figure that is rounding for the most part
    is not checked.
    """
    count = record["parameters"]["directions"]["shape"][0]
    said = " of outputs that were said to be logits" if record["logits"] else ""
    about = (
        f"{record['loss']} loss{said}, penalty {record['penalty']:g}, {'' if record['smooth'] else 'not '}smooth, "
        f"{count} direction{'s' if count > 1 else ''}"
    )
    if again is None:
        return Verdict.NOT_CHECKED, f"{about}; the network ({record['kind']:.60}) is not in the record"
    found = again()
    left_out = {*unclaimed, *_RESIDUAL}
    pairs = {name: (record[name], found.record[name]) for name in ("risk", "risk_error", "gradient_norm")}
    pairs |= {name: (record["figures"][name], value) for name, value in found.record["figures"].items()}
    wrong, unknown = _compared(record, found, {k: pair for k, pair in pairs.items() if k not in left_out})
    if record["smooth"] != found.record["smooth"]:
        wrong.append("smooth")
    detail = f"{about}; certified again: risk {found.record['risk']:.6g}"
    if wrong:
        return False, f"{detail}; differs: {', '.join(wrong)}"
    if unknown:
        return Verdict.NOT_CHECKED, f"{detail}; mostly rounding: {', '.join(unknown)}"
    if found.unsaid:
        return Verdict.NOT_CHECKED, f"{detail}; {found.unsaid}"
    return True, f"{detail}; every figure agrees"


def check_residual(record: JsonMapping, again: Certify | None) -> Finding:
    """Compare by how much the sides of Stein's identity differ; nothing rests on it.

    It is a share of two gradients, which may both be rounding where every other figure is known.
    """
    if again is None:
        return Verdict.NOT_CHECKED, f"the network ({record['kind']:.60}) is not in the record"
    found, figures = again(), record["figures"]
    pairs = {name: (figures[name], found.record["figures"][name]) for name in _RESIDUAL}
    wrong, unknown = _compared(record, found, pairs)
    claimed, value = pairs["stein_residual"]
    detail = f"{'left out' if claimed is None else format(claimed, '.6g')}, {value!r} found"
    if wrong:
        return False, detail
    if unknown:
        return Verdict.NOT_CHECKED, f"{detail}; mostly rounding"
    return (Verdict.NOT_CHECKED, found.unsaid) if found.unsaid else (True, detail)


def _compared(
    record: JsonMapping, found: Again, pairs: Mapping[str, tuple[float | None, float | None]]
) -> tuple[list[str], list[str]]:
    """Return which figures, claimed and found again, differ, and which are mostly rounding: the rule of `vague`.

    One that differs is held against its own size, and one that agrees also against what it is compared with.
    """
    widths, beside = _widths(found), _against(found)
    wrong: list[str] = []
    unknown: list[str] = []
    for name, (claimed, value) in sorted(pairs.items()):
        if claimed is None or value is None:
            if claimed is not value:
                wrong.append(name)
            continue
        width, size = widths[name]
        if name.endswith("_error"):
            value = _stored(claimed, value)
        same = abs(claimed - value) <= _AGREE * abs(value)
        if same and not vague(width, max(size, beside.get(name, 0.0))):
            continue
        if not abs(claimed - value) <= _AGREE * abs(value) + width:
            wrong.append(name)
        elif same or (vague(width, size) and not (_idle(record, name) and max(claimed, value) <= width)):
            unknown.append(name)
    return wrong, unknown


def check_bound(record: JsonMapping, again: Certify | None) -> Finding:
    """Derive the lemma's bound from the figures in the record."""
    return _quotient(record, again, "lemma_bound", "perp_gradient", "smallest_curvature")


def check_row_bound(record: JsonMapping, again: Certify | None) -> Finding:
    """Derive the bound along the rows of ``W_perp`` from the figures in the record.

    Curvature and gradient there are between those of the lemma's bound, whoever computed them.
    """
    figures = record["figures"]
    bend, low, high = (figures[f"{name}_curvature"] for name in ("row", "smallest", "largest"))
    pull, whole = figures["row_gradient"], figures["perp_gradient"]
    if bend is not None and (low is None or high is None or whole is None or pull is None):
        return False, "a curvature along the rows, and none in the bias"
    if bend is not None:
        slack = ROUNDED * max(abs(low), abs(high))
        if not (low - slack <= bend <= high + slack and pull <= whole * (1.0 + ROUNDED)):
            return False, "curvature or gradient along the rows are beyond those of the whole"
    return _quotient(record, again, "row_bound", "row_gradient", "row_curvature")


def _quotient(record: JsonMapping, again: Certify | None, name: str, over: str, bend: str) -> Finding:
    """Derive a bound as a gradient over twice the penalty and a curvature."""
    figures, penalty = record["figures"], record["penalty"]
    low, top, bound = figures[bend], figures[over], figures[name]
    if not record["smooth"]:
        return bound is None and low is None, "no second derivatives, so no bound"
    if low is None or top is None:
        return bound is None, "nothing of W_perp is left, so no bound"
    below = 2.0 * penalty + low
    if not below > 0 or (bound is None and is_rounding(below, figures["largest_curvature"], penalty)):
        return bound is None, f"denominator {below:.4g}, so no bound"
    spread = ROUNDED * (abs(low) + 2.0 * penalty) / below + ROUNDED
    detail = f"{top:.6g} / {below:.6g} = {top / below:.6g}"
    if bound is None or not abs(bound - top / below) <= (top / below) * spread:
        return False, detail
    if not vague(spread, 1.0):
        return True, detail
    # the digits that are stored do not give the quotient; what the network gives does
    if again is not None and (other := again().record["figures"][name]) is not None:
        return abs(bound - other) <= _AGREE * abs(other), f"{detail}, {other:.6g} when certified again"
    return Verdict.NOT_CHECKED, f"{detail}, of which the stored digits give no more than {spread:.1g}"
