"""Trees of files: into a tar, out of a tar, into place. Open tree.py first; stored.py holds compressed files."""
