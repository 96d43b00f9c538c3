"""Ctrl-C: one handler, one clock, and a call that raises with its best answer."""

import re
import signal
from pathlib import Path

import networkx as nx
import pytest

import derandkit
from derandkit.errors import Interrupted
from derandkit.runtime import interrupts
from derandkit.runtime.clock import Clock, Stopped, current, running, stage
from derandkit.runtime.interrupts import deliver, entry

SOURCE = Path(derandkit.__file__).parent


@pytest.fixture(autouse=True)
def python_handles_sigint():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # every call has put it back
    signal.signal(signal.SIGINT, before)


def press_at(number):
    """Return a callback that presses Ctrl-C when it is called for the given time."""
    calls = []

    def report(progress):
        calls.append(progress)
        if len(calls) == number:
            signal.raise_signal(signal.SIGINT)

    return report


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_loop_over_graphs_ends_at_the_graph_where_it_is_interrupted(number):
    done = []

    def loop():
        for k in range(3):
            graph = nx.gnp_random_graph(30, 0.4, seed=k)
            derandkit.maxcut(graph, on_progress=press_at(number) if k == 1 else None)
            done.append(k)

    with pytest.raises(KeyboardInterrupt) as caught:
        loop()
    assert done == [0]
    result = caught.value.result
    assert isinstance(caught.value, Interrupted)
    assert result.status.name == "INTERRUPTED"
    assert derandkit.verify(result, nx.gnp_random_graph(30, 0.4, seed=1)).ok


def test_the_best_answer_is_returned_where_that_is_asked_for():
    graph = nx.gnp_random_graph(30, 0.4, seed=1)
    result = derandkit.maxcut(graph, on_progress=press_at(1), on_interrupt="return")
    assert result.status.name == "INTERRUPTED"
    assert derandkit.maxcut(graph).status.name != "INTERRUPTED"  # the next call knows nothing of it
    with pytest.raises(derandkit.InputError, match="on_interrupt='stop' is not one of raise, return"):
        derandkit.maxcut(graph, on_interrupt="stop")


def test_the_second_press_ends_the_run_at_once():
    def twice(progress):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        derandkit.maxcut(nx.gnp_random_graph(30, 0.4, seed=1), on_progress=twice)
    assert not isinstance(caught.value, Interrupted)
    assert interrupts._outermost is None
    assert running() is None


def test_another_handler_stays(monkeypatch):
    presses = []
    signal.signal(signal.SIGINT, lambda number, frame: presses.append(number))
    try:
        result = derandkit.maxcut(nx.gnp_random_graph(30, 0.4, seed=1), on_progress=press_at(1))
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert presses == [signal.SIGINT]
    assert result.status.name != "INTERRUPTED"


def test_inner_calls_leave_the_answer_to_the_outermost():
    with entry() as clock:
        with entry() as inner:
            clock.stop()
        assert deliver(inner, 1) == 1
        assert current().stopped
    with pytest.raises(Interrupted):
        deliver(clock, 2)
    assert deliver(clock, 2, "return") == 2


def test_a_press_before_the_handler_stands_leaves_no_call_behind(monkeypatch):
    """The call stayed the outermost one for ever, and later calls lost their best answer at the first Ctrl-C."""
    known = signal.getsignal

    def pressed(number):
        monkeypatch.setattr(signal, "getsignal", known)
        signal.raise_signal(signal.SIGINT)
        return known(number)

    monkeypatch.setattr(signal, "getsignal", pressed)
    with pytest.raises(KeyboardInterrupt), entry():
        pass
    with entry() as clock:
        signal.raise_signal(signal.SIGINT)
        assert clock.interrupted


def test_a_stop_reaches_the_whole_computation_and_an_end_its_own_part():
    with stage() as outer, stage() as inner:
        inner.finish()
        assert (inner.reason, outer.reason) == ("enough", None)
        assert inner.part().reason == "enough"
        inner.stop()
        assert (inner.reason, outer.reason) == ("interrupted", "interrupted")
        with pytest.raises(Stopped, match="interrupted"):
            outer.check()


def test_time_is_not_looked_at_without_a_limit(monkeypatch):
    def forbidden():
        raise AssertionError("the clock was read")

    monkeypatch.setattr("derandkit.runtime.clock.time.monotonic", forbidden)
    clock = Clock(work_limit=5)
    assert clock.part().reason is None
    assert not clock.limited


def test_a_time_limit_is_for_the_whole_call(monkeypatch):
    """The clock counts how often it is looked at: no machine is too slow for this test."""
    from types import SimpleNamespace

    looks = []
    monkeypatch.setattr(
        "derandkit.runtime.clock.time",
        SimpleNamespace(monotonic=lambda: looks.append(1) or 0.01 * len(looks)),
    )
    graph = nx.gnp_random_graph(60, 0.4, seed=1)
    result = derandkit.maxcut(graph, duality_gap=1e-9, time_limit=0.05)
    assert result.relaxation["sweeps"] <= 5
    assert result.status.name in ("DUALITY_GAP_NOT_REACHED", "OPTIMAL")
    assert derandkit.verify(result, graph).ok


def test_a_last_piece_of_work_has_a_little_more_than_the_limit(monkeypatch):
    from types import SimpleNamespace

    now = [0.0]
    monkeypatch.setattr("derandkit.runtime.clock.time", SimpleNamespace(monotonic=lambda: now[0]))
    assert Clock().patience(1.0) is None
    whole = Clock(time_limit=5)
    go_on = whole.part(time_limit=2).patience(1.0)
    now[0] = 5.9
    assert go_on()
    now[0] = 6.1
    assert not go_on()
    now[0] = 0.0
    whole.stop()
    assert not go_on()


def test_no_other_place_of_the_library_catches_the_interrupt():
    """Only `runtime` and the command line do, its start included; nothing raises it to leave a loop of its own."""
    for file in SOURCE.rglob("*.py"):
        if file.parent.name in ("runtime", "cli") or file.name == "__main__.py":
            continue
        text = re.sub(r'"""(.|\n)*?"""', "", file.read_text())
        found = re.findall(r"except[^\n]*KeyboardInterrupt|raise KeyboardInterrupt", text)
        assert not found, file
