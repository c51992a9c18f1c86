"""The first page: what is wrong, what runs, how every instance is. Open page.py first."""
