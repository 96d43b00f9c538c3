"""Configurations in TOML: keys that would fill the memory, and settings that are saved to be run again."""

from __future__ import annotations

import contextlib
import json
import random
import tomllib
import tomllib._parser as reader

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.structure.test_structure_cli import EXAMPLES, QUICK, run

from derandkit import Student, Teacher, discover_structure, verify
from derandkit.errors import InputError
from derandkit.structure.intake.toml import MOST_DOTS, read_toml, to_toml

LONG = ".".join(["a"] * (MOST_DOTS + 5))
PIECES = [
    '"""', "'''", '"', "'", "\\", "\\\n", "\n", "\r\n", "#", " ", "=", "x", "1", ".", "[", "]", "{", "}", ",", '"a"',
    LONG, f"{LONG} = 1", 'x = """', '"""\n',
]  # fmt: skip


def test_no_key_that_the_reader_meets_has_more_dots(monkeypatch):
    """Strings may end in four signs or five: what follows such a string passed as a part of another one.

    A key of 40 000 dots, 80 KB, took 9.4 GB.
    """
    dots = [0]
    honest = reader.parse_key

    def counted(*arguments):
        place, key = honest(*arguments)
        dots[0] = max(dots[0], len(key) - 1)
        return place, key

    monkeypatch.setattr(reader, "parse_key", counted)
    draw, met = random.Random(1), 0
    for _ in range(30_000):
        text = "".join(draw.choices(PIECES, k=draw.randrange(1, 9)))
        dots[0] = 0
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tomllib.loads(text)
        if dots[0] > MOST_DOTS:
            met += 1
            with pytest.raises(InputError, match="has a key with more than 20 dots"):
                read_toml(text)
    assert met > 2000


@pytest.mark.parametrize("text", ['x = """a""""" # "', "x = '''a'''' #", 'x = "a\\"b" # c', "x = 'a' # b"])
def test_dots_in_strings_and_comments_are_no_keys(text):
    assert read_toml(f"{text} {LONG}\ny = {json.dumps(LONG)}\n")["y"] == LONG


values = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**62), 2**62), st.booleans()
)


@given(st.dictionaries(st.sampled_from(["table", "target", "columns"]), st.one_of(values, st.lists(values))))
def test_what_is_written_is_read_again(table):
    """JSON writes a character beyond U+FFFF as two halves, which TOML has not."""
    assert read_toml(to_toml({"data": table})) == {"data": table}


def test_a_name_that_is_no_text_is_refused_before_the_run(tmp_path):
    name = "caf\udce9.csv"
    with pytest.raises(InputError, match="is no text in UTF-8, so no configuration can hold it"):
        to_toml({"data": {"table": name}})
    try:
        (tmp_path / name).write_text((EXAMPLES / "ridge.csv").read_text())
    except OSError:
        pytest.skip("the system has no such names")
    done = run(
        "structure", "--data", tmp_path / name, "--target", "strength", "--save-config", tmp_path / "c.toml"
    )
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "is no text in UTF-8, so no configuration can hold it; rename it\n" in done.stderr
    assert not (tmp_path / "c.toml").exists()


def test_saved_settings_are_of_the_same_table_in_every_folder(tmp_path, monkeypatch):
    """The path of the table was written as given, and read in the folder of the settings."""
    monkeypatch.chdir(tmp_path)
    for folder in ("sub", "other/deep", "t"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "t" / "\N{GRINNING FACE}.csv").write_text((EXAMPLES / "ridge.csv").read_text())
    (tmp_path / "link").symlink_to(tmp_path / "other" / "deep")
    options = (*QUICK, "--max-steps", 2, "--quiet", "-o", "r.json", "--save-config")
    data = ("--data", "t/\N{GRINNING FACE}.csv", "--target", "strength")
    assert run("structure", *data, *options, "link/first.toml").exit_code == 1
    record = (tmp_path / "r.json").read_bytes()
    assert 'table = "../../t/' in (tmp_path / "link" / "first.toml").read_text(encoding="utf-8")
    assert run("structure", "other/deep/first.toml", *options, "sub/second.toml").exit_code == 1
    assert (tmp_path / "r.json").read_bytes() == record
    for page in ("link/first.toml", "sub/second.toml"):
        done = run("verify", "r.json", page)
        assert done.exit_code == 0, done.output
    whole = str(tmp_path / data[1])
    assert run("structure", "--data", whole, *data[2:], *options, "sub/third.toml").exit_code == 1
    assert json.dumps(whole, ensure_ascii=False) in (tmp_path / "sub" / "third.toml").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("text", ["width = 0x{}", "list = [1, [{{a = 0o{}}}]]", "low = -9223372036854775809"])
def test_whole_numbers_have_the_bits_of_the_format(text):
    """In base 16 one may have any length: the message that quoted it ended in a traceback of Python."""
    with pytest.raises(InputError, match="holds a whole number of more than 64 bits"):
        read_toml(text.format("7" * 6000))
    assert read_toml("x = 9223372036854775807") == {"x": 2**63 - 1}


@pytest.mark.parametrize("method", ["5", '["x"]', "{a = 1}", "1979-05-27", '"perturbed"', "true"])
def test_a_method_that_no_run_has_is_refused_beside_a_record_too(tmp_path, method):
    """`verify` looked it up among the names of methods: a KeyError."""
    file = tmp_path / "c.toml"
    file.write_text(
        '[teacher]\nlink = "tanh"\ndimension = 2\n[student]\nwidth = 2\n[run]\npenalty = 1e-3\nmax_steps = 3\n'
    )
    found = discover_structure(Teacher("tanh", 2), Student(width=2), penalty=1e-3, max_steps=3)
    assert verify(found, file).ok
    file.write_text(f"{file.read_text()}method = {method}\n")
    with pytest.raises(InputError, match=r"c\.toml: \[run\]: "):
        verify(found, file)


def test_a_zero_with_a_sign_is_the_zero_of_the_record(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text(
        '[teacher]\nlink = "tanh"\ndimension = 2\nnoise = -0.0\n[student]\nwidth = 2\n'
        "[run]\npenalty = -0.0\nupper_penalty = -0.0\ncontrols = false\nmax_steps = 3\n"
    )
    found = discover_structure(
        Teacher("tanh", 2, noise=-0.0),
        Student(width=2),
        penalty=-0.0,
        upper_penalty=-0.0,
        controls=False,
        max_steps=3,
    )
    outcome = verify(found, file)
    assert outcome.ok, outcome.failed
