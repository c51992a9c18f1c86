"""The first page: what is wrong (watch/), what runs, how many of what there are. Open page.py first."""
