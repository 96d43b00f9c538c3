project = "derandkit"
author = "The derandkit developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
numpydoc_show_class_members = False
numpydoc_validation_checks = set()
html_theme = "alabaster"
nitpicky = False
# pages that stand in the repository link to files beside the documentation
suppress_warnings = ["myst.xref_missing"]
