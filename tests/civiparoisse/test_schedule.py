"""The clock's schedule: every task exists, and no message outlives the next by much."""

from civiparoisse.celery import app
from civiparoisse.schedule import make_schedule


def test_every_task_of_the_clock_is_one_of_ours_and_expires() -> None:
    app.loader.import_default_modules()
    schedule = make_schedule(sweep_seconds=5, usage_seconds=300)
    assert {entry["task"] for entry in schedule.values()} <= set(app.tasks)
    assert schedule["sweep"]["schedule"] == 5.0
    assert all(entry["options"]["expires"] <= 3600 for entry in schedule.values())
