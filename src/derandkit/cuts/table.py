"""Results of maximum cut as text: an aligned table for people, tab-separated lines for programs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derandkit.graphs.reading import of_rounded_sums
from derandkit.tables import bounding, counted, number, percent_above, told_apart
from derandkit.words.digits import digits_above
from derandkit.words.quoting import one_field

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from derandkit.datasets.instances import KnownGraph
    from derandkit.numerics.typing import SignArray
    from derandkit.records import JsonMapping


def maxcut_rows(
    record: JsonMapping,
    known: KnownGraph | None = None,
    *,
    constant: Fraction = Fraction(0),
    among: str = "no cut",
) -> list[tuple[str, str]]:
    """Return the rows of the table of a cut record.

    Parameters
    ----------
    record : mapping
        The record, or one like it for a cut under constraints.
    known : KnownGraph, optional
        What is published about the graph.
    constant : Fraction
        What the numbers hold beyond those of the contracted graph.
    among : str
        What the bound is about, in words that go before "weighs more".
    """
    chain, graph = record["chain"], record["graph"]
    relaxation, search, guarantee = record["relaxation"], record["search"], record["guarantee"]
    optimal = ", proven optimal" if record["proven_optimal"] else ""
    exact = "exact for rounded sums" if of_rounded_sums(graph.get("reading")) else "exact"
    cut, bound = told_apart(record["cut_value"], record["upper_bound"], above=True)
    sure = {
        "certified": f"certified: {among} weighs more",
        "tested": f"tested: {among} weighs more, but for {_chance(record)} when verified",
        "estimated": "estimated: a heavier cut is not ruled out",
    }[record["bound_status"]]
    if record["proven_optimal"] and record["cut_value"] != record["upper_bound"]:
        # they are equal as fractions, and no float64 holds them
        sure += "; it is the weight of the cut, rounded up where that one is rounded down"
    promise = f"0.87856 x SDP value{_shift(guarantee['negative_weight'])}{_plus(constant)}"
    vertices = counted(graph["n"], "vertex", "vertices")
    sizes = " + ".join(str(len(side)) for side in record["partition"])
    published = []
    if known is not None:
        apart = _apart(known.best_known, record["cut_value"])
        published.append(("best known", f"{known.best_known} for {known.name}, {apart}"))
    searched = []
    if search is not None:
        size = (
            f"{counted(search['kernel_n'], 'vertex', 'vertices')} and {counted(search['kernel_m'], 'edge')} "
            "after exact reductions"
        )
        before = f">= {number(chain['derandomized_cut'])} cut before"
        warm = search["runs"] == search["work"] == 0 and search["kernel_m"] > 0
        searched.append(
            (
                "",
                f"{before} the warm start"
                if warm
                else f"{before} the search ({counted(search['runs'], 'run')} on {size})",
            )
        )
    return [
        ("cut", f"{cut} ({exact}{optimal})"),
        ("upper bound", f"{bound} ({sure})"),
        ("gap", _distance(record, among)),
        *published,
        ("", ""),
        ("graph", f"{vertices}, {counted(graph['m'], 'edge')}, total weight {number(graph['total_weight'])}"),
        ("sides", f"{sizes} of {vertices}"),
        ("status", record["message"]),
        ("bound by", _proof(record)),
        ("chain", f"{bounding(chain['dual_bound'], above=True)} dual bound"),
        ("", f">= {number(chain['sdp_value'])} SDP value of the vectors ({relaxation['method']}, "
             f"rank {relaxation['rank']})"),
        ("", f"{number(chain['cut_value'])} cut"),
        *searched,
        ("", f">= {number(chain['final_expectation'])} expected cut at the end of the path ({record['method']})"),
        ("", f">= {number(chain['start_expectation'])} expected cut of a random hyperplane"),
        ("", f"{'>=' if guarantee['holds'] else '!>='} {bounding(guarantee['value'], above=False)} = {promise}"),
    ]  # fmt: skip


def _apart(best: float, cut: float) -> str:
    """Say how far a published cut is from this one: in parts of this one, if it weighs something.

    Examples
    --------
    >>> _apart(3341, 3299), _apart(4, 4), _apart(4, 8), _apart(4, 0)
    ('1.2732% above the cut', '0% above the cut', '50.0000% below the cut', '4 above the cut')
    """
    side = "above" if best >= cut else "below"
    far = abs(Fraction(best) - Fraction(cut))
    return f"{percent_above(far / Fraction(cut)) if cut > 0 else number(float(far))} {side} the cut"


def _shift(negative_weight: float) -> str:
    """Return what weights of both signs add to the guarantee (`negative_weight` is their sum below zero).

    Examples
    --------
    >>> _shift(0), _shift(-12)
    ('', ' - 0.12144 x 12 (the weight below zero)')
    """
    return f" - 0.12144 x {number(-negative_weight)} (the weight below zero)" if negative_weight else ""


def _plus(constant: Fraction) -> str:
    """Return what constraints add to the guarantee.

    Examples
    --------
    >>> _plus(Fraction(0)), _plus(Fraction(-3, 2))
    ('', ' + 0.12144 x -1.5 (the constraints)')
    """
    return f" + 0.12144 x {float(constant):.9g} (the constraints)" if constant else ""


def _chance(record: JsonMapping) -> str:
    """Say which chance a tested bound has to be false.

    Examples
    --------
    >>> _chance({"bound": {"coin_test": {"error_probability": 1e-12}}}), _chance({"bound": {"coin_test": None}})
    ('an error probability of 1e-12', 'a small error probability')
    """
    test = record["bound"].get("coin_test")
    if test is None:
        return "a small error probability"
    return f"an error probability of {digits_above(test['error_probability'], 3)}"


def _distance(record: JsonMapping, among: str) -> str:
    """Say how far from the greatest cut this one is at most, rounded up.

    Examples
    --------
    >>> _distance({"gap": 0.04000001, "proven_optimal": False, "bound_status": "certified"}, "no cut")
    '4.0001%: the cut is at most this far below the greatest one'
    >>> _distance({"gap": 0.0, "proven_optimal": True, "bound_status": "certified"}, "no cut")
    '0%: no cut is heavier'
    """
    if record["proven_optimal"]:
        return f"0%: {among} is heavier"
    percent = percent_above(record["gap"])
    if record["bound_status"] != "estimated":
        such = among.removeprefix("no cut")
        # the share is one of the greater absolute value: of the bound, unless the cut is below zero
        base = ", as a share of its own weight" if record.get("cut_value", 0) < 0 else ""
        return f"{percent}: the cut is at most this far below the greatest one{such}{base}"
    return f"{percent} below the estimate, which proves nothing"


def _proof(record: JsonMapping) -> str:
    """Say how the bound was computed, what was rounded, and what the other bound is where there are two."""
    bound = record["bound"]
    unrounded = bound["dual_bound"] if bound["method"] == bound["dual_method"] else bound["proof_bound"]
    text = str(bound["method"])
    if record["upper_bound"] != unrounded:
        text += f", {bounding(unrounded, above=True)} rounded down to what a cut can weigh"
    if bound["proof_bound"] is not None:
        return f"{text}; {_rivals(bound)}"
    # the message of such a status refers to it
    return f"{text}; {bound['reason']}" if bound["status"] == "estimated" else text


def _rivals(bound: JsonMapping) -> str:
    """Say why the bound that counts does, beside the other one of a result that has two.

    Examples
    --------
    >>> dual = {"dual_bound": 12.5, "dual_method": "dense-cholesky", "dual_status": "certified"}
    >>> both = {**dual, "proof_bound": 12.0, "proof_method": "odd-cycle", "reason": "3 rounds"}
    >>> _rivals({**both, "method": "odd-cycle"})
    'less than 12.5 (dense-cholesky); 3 rounds'
    >>> _rivals({**both, "proof_bound": 13.0, "method": "dense-cholesky"})
    'no more than 13 (odd-cycle); 3 rounds'
    """
    dual, proof = (
        f"{bounding(bound[f'{kind}_bound'], above=True)} ({bound[f'{kind}_method']})"
        for kind in ("dual", "proof")
    )
    if bound["method"] != bound["proof_method"]:
        text = f"no more than {proof}"
    elif bound["dual_status"] == "certified" or bound["method"] == "chebyshev":
        text = f"less than {dual}"
    else:
        text = f"proven, unlike {dual}"
    return f"{text}; {bound['reason']}"


def sides_tsv(sides: Mapping[Hashable, int]) -> str:
    r"""Return one line ``label<TAB>side`` a vertex, in the order of the mapping: that of the labels in a result.

    Backslash, tab, newline and carriage return in a label are written ``\\``, ``\t``, ``\n`` and ``\r``, so that every
    line has two columns.

    Examples
    --------
    >>> sides_tsv({"a": 0, "b\tc": 1})
    'a\t0\nb\\tc\t1\n'
    """
    return "".join(f"{one_field(str(label))}\t{side}\n" for label, side in sides.items())


def columns_tsv(labels: Sequence[Hashable], cuts: Sequence[SignArray]) -> str:
    r"""Return one line ``label<TAB>side<TAB>side...`` a vertex, a column for each cut.

    Examples
    --------
    >>> import numpy as np
    >>> columns_tsv(["a", "b"], [np.array([1, -1]), np.array([1, 1])])
    'a\t0\t0\nb\t1\t0\n'
    """
    columns = [["0" if s > 0 else "1" for s in signs.tolist()] for signs in cuts]
    rows = zip(*columns, strict=True)
    return "".join(
        "\t".join([one_field(str(label)), *row]) + "\n" for label, row in zip(labels, rows, strict=True)
    )
