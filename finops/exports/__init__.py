"""A report as a file: a table for a terminal, CSV for Excel or for machines, a workbook, FOCUS.

Open first: month_files.py (a month in every format), sheets.py (columns and rows before they are written).
"""
