"""The kinds of operation of this app, a module each."""
