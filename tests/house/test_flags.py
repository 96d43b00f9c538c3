"""One name for an option in Python and on the command line, with one default and one choice of words."""

from __future__ import annotations

import inspect

import click
import numpy as np
import pytest
from tests.house.test_contracts import EVERYTHING, OPTIONS, POINTS

from derandkit.cli import main
from derandkit.graphs.formats import AUTO_WEIGHT

#: Verb to what it calls.
FUNCTIONS = {
    "maxcut": ("maxcut", "as_graph"),
    "ising": ("optimize", "read_model"),
    "qubo": ("optimize", "read_model"),
    "max2sat": ("optimize",),
    "maxdicut": ("optimize", "maxdicut", "read_graph"),
    "balance": ("optimize", "as_graph"),
    "embed": ("embed",),
    "features": ("random_features",),
    "structure": ("discover_structure", "Teacher", "Student", "StochasticGradient"),
    "compare": ("compare", "as_graph"),
    "verify": ("verify", "as_graph"),
}  # fmt: skip
#: Keywords that no command line can give, or that it gives in another way.
PYTHON_ONLY = {
    "on_progress": "the command line shows progress itself; -q",
    "on_rows": "rows are printed at the end",
    "on_interrupt": "Ctrl-C prints the best answer so far",
    "throw": "the exit code says so",
    "fixed": "--fix takes one vertex at a time",
    "pairs": "--same and --opposite take one pair at a time",
    "options": "has the options of reading",
    "optimizer": "is the --method",
    "steps": "is --max-steps",
    "link": "is --teacher, the flag that asks for one",
    "dimension": "is --dim, beside --teacher",
    "standardise": "follows from the loss",
    "pair_weights": "is one number a point, for Python",
    **dict.fromkeys(
        ("batch", "bias_step", "noise_threshold", "evaluation_nodes", "output_bias", "start", "parameters", "network",
         "weights", "bias"),
        "is for pages (TOML) or for Python: few ever change it",
    ),
}  # fmt: skip
#: Arguments of a verb stand for these.
INSTANCES = {
    "graph", "digraph", "instance", "instances", "X", "teacher_or_data", "student", "obj", "path", "result",
}  # fmt: skip
#: Flags that are about files, the terminal and processes, or that stand for a keyword named above.
COMMAND_LINE_ONLY = {
    "maxcut": {
        "unweighted", "output", "output_format", "gap", "trajectories", "fixed", "same", "opposite", "workers", "dask",
        "plot", "report", "no_verify", "quiet", "graphs",
    },
    "ising": {"fixed", "output", "output_format", "workers", "plot", "report", "no_verify", "quiet", "model"},
    "qubo": {"fixed", "output", "output_format", "workers", "plot", "report", "no_verify", "quiet", "model"},
    "max2sat": {"fixed", "output", "output_format", "workers", "plot", "report", "no_verify", "quiet", "clauses"},
    "maxdicut": {
        "fixed", "unweighted", "output", "output_format", "workers", "plot", "report", "no_verify", "quiet", "digraph",
    },
    "balance": {
        "fixed", "unweighted", "output", "output_format", "workers", "plot", "report", "no_verify", "quiet", "graph",
    },
    "embed": {
        "output", "output_format", "embedded", "columns", "drop", "label", "header", "dimension", "plot", "report",
        "no_verify",
        "quiet",
        "points",
    },
    "features": {
        "output", "output_format", "features", "columns", "drop", "label", "header", "plot", "report", "no_verify",
        "quiet",
        "points",
    },
    "structure": {
        "data", "target", "columns", "drop", "label", "header", "output", "output_format", "save_config", "save_page",
        "plot", "report", "no_verify", "quiet", "configuration", "link", "dimension",
    },
    "compare": {
        "n_features", "gamma", "kernel", "length_scale", "nu", "alpha", "sense", "vartype", "instance",
        "target", "unweighted", "both", "gap", "dimension", "output_format", "plot", "report",
        "quiet", "n_components", "columns", "drop", "label",
    },
    # how a table of points is read
    "verify": {"strict", "quiet", "unweighted", "columns", "drop", "label"},
    "generate": {"recipe", "output", "output_format"},
    "info": set(),
}  # fmt: skip


def keywords(verb):
    return {
        name: parameter
        for function in FUNCTIONS.get(verb, ())
        for name, parameter in inspect.signature(EVERYTHING[function]).parameters.items()
    }


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_an_option_has_one_name_in_python_and_on_the_command_line(verb):
    flags = {parameter.name: parameter for parameter in main.commands[verb].params}
    python = keywords(verb)
    missing = set(python) - set(flags) - set(PYTHON_ONLY) - INSTANCES
    assert missing == set(), "keywords that the verb lacks"
    extra = set(flags) - set(python) - COMMAND_LINE_ONLY[verb]
    assert extra == set(), "flags that the functions lack"
    for name in set(flags) & set(python) - COMMAND_LINE_ONLY[verb]:
        flag = flags[name]
        if isinstance(flag, click.Option):
            assert f"--{name.replace('_', '-')}" in flag.opts, flag.opts


def given_by_default(verb, flag):
    """What the verb gets where the flag is not given; None where several are possible and none is given."""
    value = flag.process_value(
        click.Context(main.commands[verb]), flag.get_default(click.Context(main.commands[verb]))
    )
    return None if value == () or str(value) == "Sentinel.UNSET" else value


@pytest.mark.parametrize("verb", sorted(set(FUNCTIONS) - {"structure"}))
def test_an_option_has_one_default(verb):
    """Those of `structure` come from the functions: a flag that is not given is not passed on."""
    for name, parameter in keywords(verb).items():
        flag = next((flag for flag in main.commands[verb].params if flag.name == name), None)
        if not isinstance(flag, click.Option) or name in COMMAND_LINE_ONLY[verb]:
            continue
        if flag.required:
            assert parameter.default is inspect.Parameter.empty, name
            continue
        default = given_by_default(verb, flag)
        if parameter.default is AUTO_WEIGHT:
            assert default is None  # the verb puts it in place of what is not given
        elif name == "search" and parameter.default is None:
            assert default == "none"
        else:
            assert default == parameter.default, name


def test_every_flag_of_structure_is_without_a_default():
    for flag in main.commands["structure"].params:
        if isinstance(flag, click.Option) and not flag.is_flag and flag.name != "output_format":
            assert given_by_default("structure", flag) is None, flag.name


@pytest.mark.parametrize("verb", sorted(FUNCTIONS))
def test_the_command_line_takes_its_choices_from_the_functions(verb):
    words = {}
    for function in FUNCTIONS[verb]:
        for name, option, found, _ in OPTIONS:
            if name == function:
                words.setdefault(option, set()).update(found)
    for flag in main.commands[verb].params:
        name = {"link": "link"}.get(flag.name, flag.name)
        if isinstance(flag.type, click.Choice) and name in words:
            choices = set(flag.type.choices) - {"none"}
            assert choices == words[name] - ({"perturbed"} if name == "method" else set()), (verb, name)


def test_renamed_flags_still_work(tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    np.save("points.npy", POINTS)
    old = CliRunner().invoke(
        main, ["embed", "points.npy", "--dimension", "2", "--no-holdout", "--format", "json"]
    )
    new = CliRunner().invoke(
        main, ["embed", "points.npy", "--n-components", "2", "--no-holdout", "--format", "json"]
    )
    assert old.exit_code == new.exit_code == 0
    assert old.stdout == new.stdout
    assert "--dimension is now --n-components; the old name works until version" in old.stderr
    assert new.stderr == "derandkit: read points.npy as npy array\n"
