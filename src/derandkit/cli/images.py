"""What verbs on points share: a table of points comes in, a record and an image of every point go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from derandkit.cli.common import checked_record, print_text
from derandkit.cli.output import Outputs, note, read_as
from derandkit.words.quoting import one_field

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from derandkit.embeddings.result import EmbeddingResult
    from derandkit.errors import DerandkitError
    from derandkit.features.result import FeaturesResult
    from derandkit.points.columns import TableOptions
    from derandkit.points.files import PointTable


def read_points(points: str, chosen: TableOptions, *, quiet: bool) -> PointTable:
    """Read a file of points, and say what it was read as and what was left out of it."""
    from derandkit.points.files import read_table

    table = read_table(points, **chosen)
    if not quiet:
        note(read_as(points, table.cloud.reading))
    for line in table.notes:
        note(line)
    return table


def deliver(
    result: EmbeddingResult | FeaturesResult,
    table: PointTable,
    *,
    points: str,
    chosen: TableOptions,
    output: str | None,
    images: str | None,
    plot: str | None,
    draw: Callable[[], Figure],
    report: str | None,
    output_format: str,
    no_verify: bool,
    unwritten: list[DerandkitError],
) -> bool:
    """Check the record, write all outputs, and print; return whether the record holds.

    What keeps a file from being written is said, and added to `unwritten`.
    """
    text, cloud = result.to_json(), table.cloud
    outcome = None if no_verify else checked_record(text, cloud, unwritten)
    outputs = Outputs(text, output, output_format, unwritten)
    image, columns = None, ""
    if images is not None or output_format == "tsv":
        with outputs.file():  # memory may end
            image = result.transform(cloud)
            columns = _lines(image, table.labels or ()) if output_format == "tsv" else ""
    if images is not None and image is not None:
        from io import BytesIO

        import numpy as np

        from derandkit.records import write_atomically

        with outputs.file(in_columns=True):
            buffer = BytesIO()
            np.save(buffer, image)
            write_atomically(images, buffer.getvalue())
    if plot is not None:
        from derandkit.plots.style import save_figure

        with outputs.file():
            save_figure(draw(), plot)
    if report is not None:
        from derandkit.reports.report import write_report

        with outputs.file():
            write_report(
                result, report, cloud, outcome=outcome, source=points, record=outputs.record, reading=chosen
            )
    shown = outputs.shown(lambda: f"{result}\n", lambda: columns)
    print_text(shown, data=outputs.printed != "text")
    return outcome is None or outcome.ok


def _lines(image: NDArray[np.generic], labels: Sequence[str]) -> str:
    r"""Return the images of points as columns, with their labels where there are any.

    Examples
    --------
    >>> import numpy as np
    >>> _lines(np.array([[1.5, -2.0]]), ["a"])
    '1.5\t-2.0\ta\n'
    """
    rows = [[*map(repr, row), *map(one_field, labels[i : i + 1])] for i, row in enumerate(image.tolist())]
    return "".join("\t".join(row) + "\n" for row in rows)
