"""The reports of a run: four CSV files, run.json and one HTML page for editors."""

from dedup.report.findings import Findings
from dedup.report.page import render_page
from dedup.report.summary import Figures, count, headline, why_nothing_matched
from dedup.report.tables import articles_frame, clusters_frame, pairs_frame
from dedup.report.writer import REPORT_FILES, check_target, write

__all__ = [
    "REPORT_FILES",
    "Figures",
    "Findings",
    "articles_frame",
    "check_target",
    "clusters_frame",
    "count",
    "headline",
    "pairs_frame",
    "render_page",
    "why_nothing_matched",
    "write",
]
