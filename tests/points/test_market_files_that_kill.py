"""Matrix Market files that end the process inside SciPy's reader: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

BANNER = "%%MatrixMarket matrix {} real general\n"
ARRAY, COORDINATE = BANNER.format("array"), BANNER.format("coordinate")
FILES = {
    "a sign at the end": (ARRAY + "3 2\n1\n2\n3\n4\n5\n6.5]", None),
    "a blank at the end": (COORDINATE + "3 2 2\n1 1 1.5\n2 1 2 ", None),
    "a letter at the end": (COORDINATE + "2 2 2\n1 1 1.5\n2 1 2e", None),
    "NUL": (ARRAY + "2 1\n1\n2\0", "holds a NUL character"),
    "NUL among entries": (COORDINATE + "2 2 2\n1 1 1.5\n2 1 2\0\n", "holds a NUL character"),
    "no rows and no columns": (ARRAY + "0 0\n", "the matrix has no entries"),
    "no rows": ("%%MatrixMarket matrix array real general\n% size\n\n 0 3\n", "the matrix has no entries"),
}
READ = """
import sys
import derandkit
for read in (derandkit.read_points, derandkit.read_model):
    try:
        read(sys.argv[1])
        print("read")
    except derandkit.InputError as error:
        print(str(error).replace(chr(10), "|"))
"""


@pytest.mark.parametrize("name", FILES)
def test_no_file_ends_the_process(tmp_path, name):
    text, said = FILES[name]
    file = tmp_path / "table.mtx"
    file.write_text(text)
    done = subprocess.run([sys.executable, "-c", READ, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    if said is not None:
        assert all(said in line for line in lines)
