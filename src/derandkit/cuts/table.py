"""Results of maximum cut as text: an aligned table for people, tab-separated lines for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derandkit.tables import aligned, number

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from typing import Any

    from derandkit.datasets.gset import GsetInstance


def maxcut_table(record: Mapping[str, Any], known: GsetInstance | None = None) -> str:
    """Return the table that ``str(result)`` and the command line print.

    Parameters
    ----------
    record : mapping
        The record of a result (`derandkit.MaxCutResult.to_dict`).
    known : GsetInstance, optional
        What is published about the graph; a row with the best cut known is added.
    """
    return aligned(maxcut_rows(record, known))


def maxcut_rows(record: Mapping[str, Any], known: GsetInstance | None = None) -> list[tuple[str, str]]:
    """Return the rows of the table of a cut record."""
    chain, bound, graph = record["chain"], record["bound"], record["graph"]
    relaxation, search = record["relaxation"], record["search"]
    optimal = ", proven optimal" if record["proven_optimal"] else ""
    proof = f"{record['bound_status']}, {bound['method']}"
    unrounded = bound["dual_bound"] if bound["method"] == bound["dual_method"] else bound["proof_bound"]
    if record["upper_bound"] != unrounded:
        proof += f", {number(unrounded)} rounded down"
    beside = [("", _rivals(bound))] if bound["proof_bound"] is not None else []
    guarantee = record["guarantee"]
    shifted = " + W- (1 - 0.87856)" if guarantee["negative_weight"] else ""
    sizes = [str(len(side)) for side in record["partition"]]
    published = []
    if known is not None:
        below = (known.best_known - record["cut_value"]) / known.best_known
        published.append(("best known", f"{known.best_known} for {known.name}, {below:.4%} above the cut"))
    searched = []
    if search is not None:
        size = f"kernel of {search['kernel_n']} vertices, {search['kernel_m']} edges"
        text = f">= {number(chain['derandomized_cut'])} cut before the search ({search['runs']} runs, {size})"
        searched.append(("", text))
    return [
        ("graph", f"{graph['n']} vertices, {graph['m']} edges, total weight {number(graph['total_weight'])}"),
        ("cut", f"{number(record['cut_value'])} (exact{optimal})"),
        ("upper bound", f"{number(record['upper_bound'])} ({proof})"),
        *beside,
        ("gap", f"{record['gap']:.4%}"),
        *published,
        ("sides", f"{sizes[0]} + {sizes[1]} vertices"),
        ("status", record["message"]),
        ("", ""),
        ("chain", f"{number(chain['upper_bound'])} dual bound"),
        ("", f">= {number(chain['sdp_value'])} SDP value of the vectors ({relaxation['method']}, "
             f"rank {relaxation['rank']})"),
        ("", f"{number(chain['cut_value'])} cut"),
        *searched,
        ("", f">= {number(chain['final_expectation'])} expected cut at the end of the path ({record['method']})"),
        ("", f">= {number(chain['start_expectation'])} expected cut of a random hyperplane"),
        ("", f"{'>=' if guarantee['holds'] else '!>='} {number(guarantee['value'])} = 0.87856 SDP value{shifted}"),
    ]  # fmt: skip


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


def sides_tsv(partition: Sequence[Sequence[Hashable]]) -> str:
    r"""Return one line ``label<TAB>side`` a vertex, the first side as 0, in the order of the partition.

    Backslash, tab, newline and carriage return in a label are written ``\\``, ``\t``, ``\n`` and ``\r``, so that every
    line has two columns.
    """
    return "".join(
        f"{_one_field(str(label))}\t{side}\n" for side, labels in enumerate(partition) for label in labels
    )


def _one_field(text: str) -> str:
    escapes = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return "".join(escapes.get(character, character) for character in text)
