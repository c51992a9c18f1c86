"""What stands in for CiviCRM on the local engine: its first data, its settings files, its pages and its cron.

Open init.py first; web/ is what Apache serves. It has every kind of object that a backup must bring back.
May import: the standard library only, since it runs beside an instance. Tests: tests/standin.
"""
