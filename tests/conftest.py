"""Examples of hypothesis are derived from the tests, not drawn: a run that was green stays green.

The default run takes an eighth of the examples that a test asks for. ``HYPOTHESIS_PROFILE=all`` takes all of them, as
``.ci/run`` does in its second leg; ``HYPOTHESIS_PROFILE=explore`` draws other ones, to look for counterexamples.

Programs that JAX has compiled are kept from run to run in ``.pytest_cache/jax``, as numba keeps its kernels: compiling
them was most of the time of the tests of structure. Each worker has a folder of its own, since JAX writes in place.
Bytecode of tests, whose asserts pytest rewrites, is kept beside them as kernels are beside their sources, also where
Python is told to write none: rewriting takes longer than all the rest of collecting the tests.

Signals that the shell has told to ignore (``nohup``, a command in the background of a script) have their usual effect
again: the programs that tests start and interrupt would inherit that, and go on, as they should.

Tests that take most of the time are named in `tests.slow` and get the mark `slow`: the default run leaves them out, and
``.ci/run`` runs them in a leg of its own, but for those that have the mark `long` too. ``pytest -m "slow or not slow"``
runs every test.
"""

import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.legs import FEWER, TOGETHER
from tests.slow import LONG, SLOW

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # for the programs that tests start
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in ("SIGHUP", "SIGTERM", "SIGQUIT"):  # Windows has only the second of these
    if signal.getsignal(getattr(signal, _name, signal.SIGTERM)) == signal.SIG_IGN:
        signal.signal(getattr(signal, _name, signal.SIGTERM), signal.SIG_DFL)
_programs = (
    Path(__file__).parents[1] / ".pytest_cache" / "jax" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
)
if os.environ.get("JAX_COMPILATION_CACHE_DIR", "") in ("", str(_programs.with_name("alone"))):
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(_programs)  # a worker has inherited that of its parent
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

collect_ignore = ["data"]  # a program there is for type checkers, and reads a large graph where it is run

# no deadlines: the first example of a test may compile a kernel, and machines are shared
STEADY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", derandomize=True, **STEADY)
settings.register_profile("all", derandomize=True, **STEADY)
settings.register_profile("explore", derandomize=False, **STEADY)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
settings.load_profile(PROFILE)

#: Hypothesis keeps the settings of a test here; a profile cannot lower a number that stands at a test.
SETTINGS = "_hypothesis_internal_use_settings"


def fewer(found: settings) -> settings:
    """Return the settings of a test for the quick leg: an eighth of the examples, five at least."""
    return settings(found, max_examples=min(found.max_examples, max(5, found.max_examples // 8)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `SLOW` names, before the option ``-m`` looks at marks; take fewer examples in the quick leg."""
    if PROFILE == "quick":
        # a set: the cases of one parametrized test are one function
        for function in {getattr(item, "function", None) for item in items}:
            if hasattr(function, SETTINGS):
                setattr(function, SETTINGS, fewer(getattr(function, SETTINGS)))
    quick: Counter[tuple[str, str]] = Counter()
    for item in items:
        if " at 0x" in item.nodeid:  # two processes would collect different tests
            raise pytest.UsageError(f"the name of a case has an address: {item.nodeid}; give it ids")
        if any(packed in item.nodeid for packed in ("x1f\\x8b", "PK\\x03\\x04\\x14")):
            raise pytest.UsageError(f"the name of a case has the time of its packing: {item.nodeid}")
        file, test = item.path.stem, item.name.partition("[")[0]
        for listed, marks in ((SLOW, ["slow"]), (LONG, ["slow", "long"])):
            if {item.name, test} & set(listed.get(file, ())):
                for mark in marks:
                    item.add_marker(mark)
        every = FEWER.get(file, {}).get(test, 1)
        if every > 1 and item.get_closest_marker("slow") is None:
            if quick[file, test] % every:
                item.add_marker(pytest.mark.slow)
            quick[file, test] += 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Let one worker run a file, or files that share what is costly: it is then made once."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            shared = (what for start, what in TOGETHER.items() if nodeid.startswith(start))
            return next(shared, nodeid.split("::", 1)[0])

    return Together(config, log)
