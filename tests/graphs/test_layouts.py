"""Whole files of every format in random layouts are read as the graph that was written, or refused in one line."""

import pytest
from tests.layout_writers import FORMS
from tests.layouts import judged

#: Of a hundred files of these formats, at most so many fit two readings and are refused; of all others at most 2.
#: In JSON these are vertices called NA or nan in a list of edges.
REFUSED = {"dimacs": 10, "edgelist": 6, "matrix": 6, "json": 6}


def check(folder, form, seeds):
    outcomes = {seed: judged(folder, form, seed) for seed in seeds}
    bad = {seed: found for seed, found in outcomes.items() if found.kind not in ("right", "refused")}
    assert bad == {}
    return sum(found.kind == "refused" for found in outcomes.values())


@pytest.mark.parametrize("form", FORMS)
def test_files_are_read_as_they_were_written(tmp_path, form):
    assert check(tmp_path, form, range(3 if "6" in form else 12)) <= 2


@pytest.mark.parametrize("form", FORMS)
def test_hundreds_of_files(tmp_path, form):
    assert check(tmp_path, form, range(5000, 5100 if "6" in form else 5200)) <= 2 * REFUSED.get(form, 2)


@pytest.mark.parametrize("form", FORMS)
def test_another_graph_would_be_noticed(tmp_path, form, monkeypatch):
    """The comparison can fail: with every file exchanged for the next one, most are no longer right."""
    write = FORMS[form]

    def exchanged(r):
        data, name, _ = write(r)
        return data, name, write(r)[2]

    monkeypatch.setitem(FORMS, form, exchanged)
    assert sum(judged(tmp_path, form, seed).kind == "wrong" for seed in range(6)) >= 3
