"""Files of starts as people hold them: JSON, headers of other names, semicolons, classes; and refusals that say how."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import derandkit as dk
from derandkit.cli import main
from derandkit.cuts.starts import read_start_file
from derandkit.errors import InputError
from derandkit.quadratic.given import read_solution

GRAPH = dk.as_graph([("a", "b"), ("b", "c"), ("c", "d")])
SIDES = {"a": 0, "b": 1, "c": 0, "d": 1}


def lines(mark: str, header: str = "", quote: str = "", values: tuple[int, int] = (0, 1)) -> str:
    rows = [f"{quote}{label}{quote}{mark}{values[side]}" for label, side in SIDES.items()]
    return "\n".join([header] * bool(header) + rows) + "\n"


FILES = {
    "json": '{"a": 0, "b": 1, "c": 0, "d": 1}\n',
    "json of floats": ' {"a": 0.0, "b": 1.0, "c": 0.0, "d": 1.0}',
    "json of booleans": '{"a": false, "b": true, "c": false, "d": true}',
    "label and tabs": lines("\t", "label\tside"),
    "vertex and value": lines(",", "Vertex,value"),
    "names of R": lines(" ", '"x"', '"'),
    "names of R in CSV": lines(",", '"","x"', '"'),
    "series with a name": lines(",", ",side"),
    "series without names": lines(",", ",0"),
    "series and semicolons": lines(";", ";0"),
    "quoted and semicolons": lines(";", "", '"'),
    "semicolons": lines(";"),
    "id and blanks": lines(" ", "id value"),
    "comments": "# a cut of 2\n" + lines(","),
}
CLASSES = {
    "classes": lines(" ", values=(1, 2)),
    "classes in CSV": lines(",", "name,membership", values=(1, 2)),
    "classes and semicolons": lines(";", "", '"', (1, 2)),
    "classes in json": '{"a": 1, "b": 2, "c": 1, "d": 2}',
    "signs in json": '{"a": 1, "b": -1, "c": 1, "d": -1}',
}


@pytest.mark.parametrize("kind", [*FILES, *CLASSES])
def test_starts_of_cuts(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s.txt"
    file.write_text({**FILES, **CLASSES}[kind])
    signs = kind == "signs in json"
    assert read_start_file(GRAPH, file) == ({v: 1 - 2 * x for v, x in SIDES.items()} if signs else SIDES)
    graph = tmp_path / "g.txt"
    graph.write_text("a b\nb c\nc d\n")
    done = CliRunner().invoke(main, ["maxcut", str(graph), "--start", str(file), "--search", "none"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("kind", FILES)
def test_starts_of_problems(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s.txt"
    file.write_text(FILES[kind])
    assert read_solution(tuple(SIDES), file) == SIDES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 0, "b": 1, "c": 2, "d": 0}', "'c 2' is not a vertex of the graph and its side"),
        ('{"a": 0, "z": 1}', "'z 1' is not a vertex"),
        ('{"a": 0, "a": 1}', "puts vertex 'a' on both sides"),
        ('{"a": 0.5, "b": 1}', r"is not the record of a cut; a start is .*JSON such as"),
        ('{"a": "left"}', r"is not the record of a cut; a start is .*JSON such as"),
        ("a 1\nb 2\nc 0\nd 1\n", ":2: 'b 2' is not a vertex"),
        ("a 2\nb 2\nc 2\nd 2\n", ":1: 'a 2' is not a vertex"),
        ("a,-1\nb,2\nc,2\nd,2\n", ":2: 'b 2' is not a vertex"),
        ("knoten,seite\na,0\nb,1\n", r"'knoten,seite' is not .* header node,side"),
    ],
)
def test_what_fits_no_reading_is_refused_with_the_forms(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "s.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_start_file(GRAPH, file)


@pytest.mark.parametrize(
    "text", ['{"a": 0, "b": 2}', '{"a": 0, "b": 1, "a": 1}', '{"a": 0, "z": 1}', "a,2\n"]
)
def test_solutions_that_fit_no_reading_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "s.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=r"is not a variable|gives 'a' two values"):
        read_solution(tuple(SIDES), file)


def test_python_takes_classes_too() -> None:
    for start in ({v: x + 1 for v, x in SIDES.items()}, [1, 2, 1, 2]):
        assert dk.maxcut(GRAPH, start=start, search=None).cut_value == 3
    for values in ([2, 2, 2, 2], [0, 1, 2, 1], [-1, 2, 2, 2]):
        with pytest.raises(InputError, match=r"the sides of a start are 0 and 1, 1 and -1, or 1 and 2; got"):
            dk.maxcut(GRAPH, start=values)


def test_vertices_may_be_called_like_headers_and_fields_of_records(tmp_path: Path) -> None:
    graph = dk.as_graph([("partition", "best"), ("best", "node"), ("node", "side")])
    file = tmp_path / "s.txt"
    file.write_text('{"partition": 0, "best": 1, "node": 0, "side": 1}')
    wanted = {"partition": 0, "best": 1, "node": 0, "side": 1}
    assert read_start_file(graph, file) == wanted
    file.write_text("node 0\nside 1\npartition 0\nbest 1\n")
    assert read_start_file(graph, file) == wanted


LISTS = {
    "pairs": '[["a", 0], ["b", 1], ["c", 0], ["d", 1.0]]',
    "rows of pandas": '[{"node": "a", "side": 0}, {"node": "b", "side": 1}, {"node": "c", "side": 0}, '
    '{"node": "d", "side": 1}]',
    "floats": lines(" ").replace(" 0", " 0.0").replace(" 1", " 1.0"),
    "floats in CSV": lines(",", "node,side").replace(",0", ",0.0").replace(",1", ",1.0"),
    "floats and semicolons": lines(";").replace(";0", ";-0.0").replace(";1", ";1."),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_and_floats(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s.json"
    file.write_text(LISTS[kind])
    assert read_start_file(GRAPH, file) == SIDES
    assert read_solution(list("abcd"), file) == SIDES


def test_signs_as_floats(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text("a -1.0\nb 1.0\nc -1.0\nd 1.0\n")
    assert read_start_file(GRAPH, file) == {"a": -1, "b": 1, "c": -1, "d": 1}


def test_two_lists_are_both_sides(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text('[["a", "c"], ["b", "d"]]')
    assert read_start_file(GRAPH, file) == SIDES
    with pytest.raises(InputError, match="not one of pairs of a variable and its value"):
        read_solution(list("abcd"), file)


def test_numbers_alone_follow_vertices_that_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text("[0, 1, 0, 1]")
    for first in (0, 1):
        graph = dk.as_graph([(first + k, first + k + 1) for k in range(3)])
        assert read_start_file(graph, file) == {first + k: k % 2 for k in range(4)}
    for refused in (lambda: read_start_file(GRAPH, file), lambda: read_solution([0, 1, 2], file)):
        with pytest.raises(InputError, match=r"does not say which (vertex|variable) each belongs to"):
            refused()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[0, 1], [1, 0]]", "may be two vertices with their sides, or both sides"),
        ("[[0, 1.5], [1, 0]]", "is a JSON list, and neither pairs"),
        ("[", "is a JSON list, and neither pairs"),
        ("[[0, 7], [1, 0]]", "is not a vertex of the graph and its side"),
        ('[{"edge": 0, "cut": 1}]', "is a JSON list, and neither pairs"),
        ("[" * 100_000, "is a JSON list, and neither pairs"),
    ],
)
def test_lists_that_are_no_start(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "s.json"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_start_file(dk.as_graph([(0, 1)]), file)
