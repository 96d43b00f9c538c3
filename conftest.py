"""Packages whose front imports their modules come first.

pytest imports a file of doctests by itself (``--import-mode=importlib``). Where that is the first module of such a
package, the package imports it a second time on the way, and a class is no longer the same as itself.
"""

import derandkit.cli
import derandkit.datasets
import derandkit.engine  # noqa: F401
