"""What was asked and how far it is: every change of an instance is an operation, a list of small repeatable steps.

Open requests.py first (the only door), then runner.py (one run of one operation) and claims.py (never two at once).
May import: engine, tenants, manifests, domain. Tests: tests/operations, which kill workers in every step.
"""
