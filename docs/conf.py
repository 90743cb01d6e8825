"""The site: `sphinx-build -W -n docs OUT`. It needs no network; what it makes of the code lies in docs/generated."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "netgrade"
author = "The netgrade developers"
project_copyright = author
html_title = "netgrade"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["netgrade.css"]
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []

extensions = ["myst_parser", "generated_pages"]
exclude_patterns = ["extensions"]
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
highlight_language = "none"
smartquotes = False  # what stands in quotes is mostly typed into a file
pygments_style = "friendly"
pygments_dark_style = "github-dark"
nitpicky = True
