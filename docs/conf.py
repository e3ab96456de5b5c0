"""How the site is built: `python -m sphinx -W --keep-going docs site`, without a network, every example executed."""

import os
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext"), str(HERE / "tutorials")]
os.environ.update(COLUMNS="100", NO_COLOR="1", TERM="dumb")

import inventories as _inventories  # noqa: E402

from dynamics.papers import version as _version  # noqa: E402

project = "optdyn"
author = "The optdyn developers"
copyright = "the optdyn developers, BSD-3-Clause"
version = release = _version()

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "commands",
    "figures",
    "ledger",
    "lessons",
    "mathml",
    "reference",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "nbgrader", "_ext", "tutorials/*.py", "tutorials/GALLERY_HEADER.rst"]
default_role = "literal"

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3

autosummary_generate = False  # `reference` writes the pages, one for each theme and not one for each name
autodoc_typehints = "none"  # types stand with the parameters
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = False
napoleon_preprocess_types = True
napoleon_type_aliases = _inventories.aliases()
intersphinx_mapping = _inventories.mapping(HERE / "inventories")
python_maximum_signature_line_length = 100
add_module_names = False
toc_object_entries = False

sphinx_gallery_conf = {
    "examples_dirs": ["tutorials"],
    "gallery_dirs": ["learn"],
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"my\w+\.py$",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,  # times differ from build to build
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "reset_modules": ("matplotlib",),
    "image_scrapers": ("matplotlib", "tutorial_figures"),
    "default_thumb_file": str(HERE / "_static" / "logo.png"),
    "backreferences_dir": None,
}

WIDE = ("ledger", "figures", "lessons", "statement_of_need")  # pages that need the whole width

html_theme = "pydata_sphinx_theme"
html_title = "optdyn"
html_static_path = ["_static"]
html_favicon = "_static/logo.svg"
html_css_files = ["site.css"]
html_js_files = ["ledger.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "optdyn", "image_light": "_static/logo.svg", "image_dark": "_static/logo.svg"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {"**": ["page-toc"]} | {page: [] for page in WIDE},
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
html_sidebars = {"ledger": [], "figures": [], "index": []}
nitpicky = False
linkcheck_ignore = [r"^lessons/"]

warnings.filterwarnings("ignore", message="Matplotlib is currently using agg")
