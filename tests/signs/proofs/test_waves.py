"""Cases that are bounded in waves, on threads, in processes and on a cluster: one tree for any number of workers."""

import json

import pytest
from tests.signs.proofs.test_branch import checked

from derandkit.datasets import rudy
from derandkit.errors import InputError
from derandkit.runtime.cluster import QUIETLY
from derandkit.signs.proofs.branching.tree import branch_and_bound


def same_tree(one, other):
    assert json.dumps(other.proof) == json.dumps(one.proof)
    assert (other.signs == one.signs).all()
    assert (other.nodes, other.open_nodes, other.work, other.reason) == (
        one.nodes, one.open_nodes, one.work, one.reason,
    )  # fmt: skip


@pytest.mark.parametrize("limits", [{"work_limit": 400_000_000}, {"node_limit": 8}], ids=str)
def test_processes_bound_the_same_tree_as_threads(limits):
    graph = rudy("-rnd_graph 60 50 7 -random 0 1 7 -times 2 -plus -1")
    one = branch_and_bound(graph, workers=1, wave=3, **limits)
    assert one.nodes > 6
    for workers, backend in ((3, "threads"), (1, "loky"), (2, "loky")):
        same_tree(one, branch_and_bound(graph, workers=workers, backend=backend, wave=3, **limits))


def test_a_cluster_bounds_the_same_tree_as_threads():
    distributed = pytest.importorskip("distributed")
    graph = rudy("-rnd_graph 60 50 7 -random 0 1 7 -times 2 -plus -1")
    one = branch_and_bound(graph, wave=2)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **QUIETLY) as cluster:
        address = cluster.scheduler_address
        same_tree(one, branch_and_bound(graph, wave=2, backend="dask", address=address))


@pytest.mark.parametrize("wave", [1, 2, 5])
def test_waves_of_any_size_end_at_the_optimum(wave):
    graph = rudy("-rnd_graph 50 50 7 -random 0 1 7 -times 2 -plus -1")
    result = checked(graph, wave=wave)
    assert result.complete
    limited = branch_and_bound(graph, wave=wave, node_limit=4)
    assert limited.nodes <= 5


def test_who_bounds_cases_is_named_rightly():
    graph = rudy("-rnd_graph 10 50 7")
    with pytest.raises(InputError, match="wave must be a whole number from 1 on, got 0"):
        branch_and_bound(graph, wave=0)
    with pytest.raises(InputError, match="backend='daks' is not one of threads, loky, dask"):
        branch_and_bound(graph, backend="daks")
    with pytest.raises(InputError, match="it needs backend='dask'"):
        branch_and_bound(graph, address="tcp://127.0.0.1:1")
