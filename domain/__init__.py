"""The vocabulary: states, specs, names, parameters, errors. Values and decisions, no database, no clock, no process.

Open states.py first (what an instance and an operation can be), then specs.py (what an engine is asked for).
May import: the standard library and PyYAML, nothing of this project. Tests: tests/domain.
"""
