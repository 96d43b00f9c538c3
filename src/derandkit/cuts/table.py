"""Results of maximum cut as text: an aligned table for people, tab-separated lines for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.tables import aligned, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from derandkit.cuts.result import MaxCutResult
    from derandkit.datasets.gset import GsetInstance


def maxcut_table(result: MaxCutResult, known: GsetInstance | None = None) -> str:
    """Return the table that ``str(result)`` and the command line print.

    Parameters
    ----------
    result : MaxCutResult
        The result.
    known : GsetInstance, optional
        What is published about the graph; a row with the best cut known is added.
    """
    chain, bound, graph = result.chain, result.bound, result.graph
    optimal = ", proven optimal" if result.proven_optimal else ""
    proof = f"{result.bound_status}, {bound['method']}"
    unrounded = bound["dual_bound"] if bound["method"] == bound["dual_method"] else bound["proof_bound"]
    if result.upper_bound != unrounded:
        proof += f", {number(unrounded)} rounded down"
    beside = [("", _rivals(bound))] if bound["proof_bound"] is not None else []
    guarantee = result.guarantee
    shifted = " + W- (1 - 0.87856)" if guarantee["negative_weight"] else ""
    sizes = [str(len(side)) for side in result.partition]
    published = []
    if known is not None:
        below = (known.best_known - result.cut_value) / known.best_known
        published.append(("best known", f"{known.best_known} for {known.name}, {below:.4%} above the cut"))
    searched = []
    if result.search is not None:
        size = f"kernel of {result.search['kernel_n']} vertices, {result.search['kernel_m']} edges"
        text = f">= {number(chain['derandomized_cut'])} cut before the search ({result.search['runs']} runs, {size})"
        searched.append(("", text))
    rows = [
        ("graph", f"{graph['n']} vertices, {graph['m']} edges, total weight {number(graph['total_weight'])}"),
        ("cut", f"{number(result.cut_value)} (exact{optimal})"),
        ("upper bound", f"{number(result.upper_bound)} ({proof})"),
        *beside,
        ("gap", f"{result.gap:.4%}"),
        *published,
        ("sides", f"{sizes[0]} + {sizes[1]} vertices"),
        ("status", result.message),
        ("", ""),
        ("chain", f"{number(chain['upper_bound'])} dual bound"),
        ("", f">= {number(chain['sdp_value'])} SDP value of the vectors ({result.relaxation['method']}, "
             f"rank {result.relaxation['rank']})"),
        ("", f"{number(chain['cut_value'])} cut"),
        *searched,
        ("", f">= {number(chain['final_expectation'])} expected cut at the end of the path ({result.method})"),
        ("", f">= {number(chain['start_expectation'])} expected cut of a random hyperplane"),
        ("", f"{'>=' if guarantee['holds'] else '!>='} {number(guarantee['value'])} = 0.87856 SDP value{shifted}"),
    ]  # fmt: skip
    return aligned(rows)


def _rivals(bound: Mapping[str, Any]) -> str:
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
        f"{number(bound[f'{kind}_bound'])} ({bound[f'{kind}_method']})" for kind in ("dual", "proof")
    )
    if bound["method"] != bound["proof_method"]:
        text = f"no more than {proof}"
    elif bound["dual_status"] == "certified":
        text = f"less than {dual}"
    else:
        text = f"proven, unlike {dual}"
    return f"{text}; {bound['reason']}"


def sides_tsv(result: MaxCutResult) -> str:
    r"""Return one line ``label<TAB>side`` a vertex, the first side as 0, in the order of the partition.

    Backslash, tab, newline and carriage return in a label are written ``\\``, ``\t``, ``\n`` and ``\r``, so that every
    line has two columns.
    """
    return "".join(
        f"{_one_field(str(label))}\t{side}\n"
        for side, labels in enumerate(result.partition)
        for label in labels
    )


def _one_field(text: str) -> str:
    escapes = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return "".join(escapes.get(character, character) for character in text)
