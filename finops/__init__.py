"""What parishes reserve, use and cost. Open models.py first, then the room for the subject; docs/finops.md explains.

Rooms, each may import those before it: ledger, prices, months and usage, scenarios, advice, wording, exports, pages.
May import: operations and what is below it. Tests: tests/finops, in the same rooms.
"""
