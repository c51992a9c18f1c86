"""The kinds of operation that are about what clusters hold, a module each."""
