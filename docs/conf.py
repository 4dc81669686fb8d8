"""How the documentation is built: `tox -e docs`, or `python -m sphinx -W -n docs docs/_build`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_tools")]
about: dict = {}
exec((HERE.parent / "gazu" / "__version__.py").read_text(encoding="utf-8"), about)

project = "gazu"
author = "the gazu contributors"
release = version = about["__version__"]
html_title = f"gazu {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "reference",
    "links",
]
exclude_patterns = [
    "_build",
    "changes",
    "reference/examples",
    "**/.ipynb_checkpoints",
]
nitpicky = True

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
default_role = "any"  # single backticks must resolve: reference.py turns them into code or links
add_module_names = False
python_maximum_signature_line_length = (
    88  # longer signatures get a line per parameter
)
python_use_unqualified_type_names = True

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["gazu.css"]
html_copy_source = False
# The name alone is looked for in the current folder.
html_search_scorer = str(HERE / "_tools" / "scorer.js")
html_show_copyright = False
templates_path = []
pygments_style = "default"
pygments_dark_style = "github-dark"

# What is copied is what a reader types: no prompts, no responses, no button on what is only printed.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_selector = "div:not(.highlight-text) > div.highlight > pre"
