"""The kinds of operation of copies elsewhere, each declared once."""
