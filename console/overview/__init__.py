"""The first page: what is wrong, what runs, how many of what there are. Open page.py first, then alerts.py.

alerts.py puts the alerts of work, instances (instances/troubles.py), places and costs in order and bounds them;
sightings.py looks at the engines every few minutes, so that the page need not.
"""
