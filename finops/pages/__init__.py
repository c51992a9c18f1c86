"""The pages of costs in the administration.

Open first: cost_pages.py (one month, one parish), savings_pages.py; admin.py has the lists of rows.
"""
