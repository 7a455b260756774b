"""The site of the documentation: `sphinx-build -W docs docs/_build`."""

from corridor import __version__

project = "corridor"
author = "the corridor developers"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "corridor"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
autodoc_typehints = "description"
autodoc_member_order = "bysource"
nb_execution_mode = "off"  # CI runs the notebooks: -D nb_execution_mode=force
nb_execution_raise_on_error = True
nb_execution_timeout = 600
