"""What runs in a pod or as a local job: backup, verify, restore and the small programs beside them.

Open backup.py first. A program's parameters come in the environment, its result is one JSON document (run/failures.py).
May import: the standard library and this package, nothing else of this project. Tests: tests/programs.
"""
