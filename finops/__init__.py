"""What parishes reserve, use and cost. Open first: docs/finops.md, then the room for the subject.

Rooms, each may import those before it: ledger, prices, months and usage, scenarios, advice, wording, exports, pages.
Rows are in models.py, calendar months in calendar.py. Imports operations and what is below it; tests: tests/finops/.
"""
