"""Ctrl-C inside the conic solver of cvxpy, which has a handler of its own in C and reports it as a status."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import networkx as nx
import pytest
from click.testing import CliRunner

import derandkit
from derandkit.cli import main
from derandkit.signs.relaxation import semidefinite

scs = pytest.importorskip("scs")
pytest.importorskip("cvxpy")


class Pressed:
    """SIGINT while the compiled loop of SCS runs, and how often its status was handed on."""

    def __init__(self, monkeypatch):
        self.raised, self.threads = 0, []
        honest_solve, honest_raise = scs.SCS.solve, signal.raise_signal

        def press():
            time.sleep(0.1)  # the loop takes several seconds
            os.kill(os.getpid(), signal.SIGINT)

        def solve(*arguments, **options):
            self.threads.append(threading.Thread(target=press))
            self.threads[-1].start()
            return honest_solve(*arguments, **options)

        def handed_on(number):
            self.raised += 1
            honest_raise(number)

        monkeypatch.setattr(scs.SCS, "solve", solve)
        monkeypatch.setattr(semidefinite.signal, "raise_signal", handed_on)


@pytest.fixture
def pressed(monkeypatch):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    found = Pressed(monkeypatch)
    yield found
    for thread in found.threads:
        thread.join()
    signal.signal(signal.SIGINT, before)


def graph():
    """A graph whose conic program takes SCS some seconds."""
    return nx.gnp_random_graph(150, 0.1, seed=1)


def test_ctrl_c_inside_the_conic_solver_ends_in_one_line_and_the_best_cut(pressed, tmp_path):
    file, record = tmp_path / "g.edgelist", tmp_path / "cut.json"
    nx.write_edgelist(graph(), file, data=False)
    outcome = CliRunner().invoke(
        main, ["maxcut", str(file), "--relaxation", "cvxpy", "--duality-gap", "1e-6", "-o", str(record), "-q"]
    )
    assert pressed.raised == 1
    assert outcome.exit_code == 130
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.startswith("derandkit: interrupted")
    if record.exists():
        assert json.loads(record.read_text())["status"] == "interrupted"
        assert derandkit.verify(record, file).ok
    else:
        assert outcome.stderr == "derandkit: interrupted before there was an answer\n"


def test_ctrl_c_inside_the_conic_solver_is_an_interrupt_in_python(pressed):
    with pytest.raises(KeyboardInterrupt):
        derandkit.maxcut(graph(), relaxation="cvxpy", duality_gap=1e-6)
    assert pressed.raised == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
