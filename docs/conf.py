"""How the site is built: ``make docs``. Nothing on its pages is loaded from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latex2mathml.converter import convert

import derandkit

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

project = "derandkit"
author = "The derandkit developers"
release = derandkit.__version__
html_title = f"derandkit {release}"
extensions = ["myst_nb", "lesson_pictures", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
# the lessons run when the site is built; a cell that fails fails the build
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "joss"]
numpydoc_show_class_members = False
numpydoc_validation_checks = set()
nitpicky = False
# `name` in a docstring links to what has that name
default_role = "py:obj"
maximum_signature_line_length = 90
# pages that stand in the repository link to files beside the documentation
suppress_warnings = ["myst.xref_missing"]

html_theme = "furo"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_math_renderer = "mathml"
copybutton_prompt_text = "$ "
# a console shows what a command prints; what is copied is the command
copybutton_only_copy_prompt_lines = True


def mathml(node: nodes.Element, display: str) -> str:
    """Return a formula as MathML, which browsers show without a script and readers can read aloud."""
    return str(convert(node.astext(), display=display))


def inline_formula(self: Any, node: nodes.Element) -> None:
    """Write a formula in a line of text."""
    self.body.append(mathml(node, "inline"))
    raise _skip()


def block_formula(self: Any, node: nodes.Element) -> None:
    """Write a formula that stands alone; a wide one scrolls."""
    self.body.append(f'<div class="formula">{mathml(node, "block")}</div>')
    raise _skip()


def _skip() -> Exception:
    from docutils.nodes import SkipNode

    return SkipNode()


def setup(app: Sphinx) -> None:
    """Let formulas be MathML."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (block_formula, None))
