"""A finished report in other forms: a workbook, a text for a ticket, one JSON document, Parquet tables, pictures."""

from dedup.report.formats.document import document_text, write_parquet
from dedup.report.formats.markdown import as_markdown
from dedup.report.formats.pictures import write_figures
from dedup.report.formats.stored import read_report
from dedup.report.formats.workbook import write_workbook

__all__ = ["as_markdown", "document_text", "read_report", "write_figures", "write_parquet", "write_workbook"]
