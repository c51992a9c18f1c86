"""The kinds of operation that take, read or remove copies, a module each."""
