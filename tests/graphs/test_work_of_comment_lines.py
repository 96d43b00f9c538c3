"""Lines that may be comments or rows: how much is searched for them, and what is found."""

import re
from types import SimpleNamespace

import pytest

import derandkit as dk
from derandkit.graphs.readers import tables
from derandkit.graphs.readers.tables import check_comments

SEARCHES = ("search", "match", "compile", "finditer", "findall")


def searches(monkeypatch, data):
    """How often the module begins a search of a text, or makes a pattern for one."""
    count = 0

    def counted(name):
        def call(*args, **kwargs):
            nonlocal count
            count += 1
            return getattr(re, name)(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        whole = SimpleNamespace(
            split=re.split, escape=re.escape, **{name: counted(name) for name in SEARCHES}
        )
        patch.setattr(tables, "re", whole)
        check_comments(data, b"#%", False)
    return count


@pytest.mark.parametrize("line", [b"%1 , 2\n", b"#a1,b,c d\n", b"# a b\n", b"#2 3\n"])
def test_searches_of_the_text_do_not_grow_with_comment_lines(monkeypatch, line):
    few, many = (searches(monkeypatch, line * times + b"1 , 2\n2 , 3\n") for times in (3, 300))
    assert few == many


@pytest.mark.parametrize(
    "text",
    [
        "#ml 3 4\npython #ml 3\n",
        "#ml 3 4\npython,#ml,3\n",
        "#ml 3 4\n5 6\npython;#ml\n",
        "#ml 3 4\npython #ml",
        "#a,b,c d\nx #a,b,c 3\n",
        "#a,b,c d\nx #a,b,c, 3\n",
    ],
)
def test_a_label_with_the_sign_is_found_in_any_row(tmp_path, text):
    path = tmp_path / "edges.txt"
    path.write_text(text)
    with pytest.raises(dk.InputError, match="may be a comment or an edge between labels that begin with '#'"):
        dk.read_graph(path)


@pytest.mark.parametrize(
    "text",
    [
        b"#ml 3 4\nx#ml 3\n",
        b"#ml 3 4\n##ml 3\n",
        b"#ml 3 4\npython #mlx\n",
        b"#a,b,c d\nx #a 3\n",
        b"#ml 3 4\n%x #ml\n",
    ],
)
def test_other_signs_are_no_labels(text):
    check_comments(text, b"#%", False)
