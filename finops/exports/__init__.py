"""A report as a file: a table for a terminal, CSV for Excel or for machines, a workbook, FOCUS."""
