"""The manager for programs: REST below /api/v1/, with its schema.

Open urls.py first, then resources/ (a file per subject) and operation_requests.py (how an operation is asked).
May import: everything but console/. Tests: tests/api, with a fuzzer that reads the schema.
"""
