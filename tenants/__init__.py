"""Who exists: parishes, their instances, plans and releases, as rows; secrets encrypted at rest.

Open models.py first, then registry.py, which creates and finds them. What is done with them is in operations/.
May import: domain, manifests. Tests: tests/tenants.
"""
