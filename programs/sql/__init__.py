"""SQL as text: reading a dump, and judging that it holds what a dump holds and nothing else. Open judge.py first."""
