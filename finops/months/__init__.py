"""What a calendar month costs: so far, at its end, closed for good, and against a budget.

Open first: costs.py. Then forecast.py, closing.py, budgets.py, reports.py (the same figures by parish and by part).
"""
