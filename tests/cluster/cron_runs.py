"""The runs of an instance's own cron, and when they come."""

import json
from datetime import datetime

from tests.cluster.parishes import ClusterParishes


def list_cron_runs(parishes: ClusterParishes, identifier: str) -> set[str]:
    """Return the names of the schedule's own runs that ended well."""
    jobs = parishes.cluster.list("jobs", namespace=identifier)
    names = {job["metadata"]["name"] for job in jobs if "completionTime" in job["status"]}
    return {name for name in names if name.startswith("civicron-")}


def read_ends(parishes: ClusterParishes, identifier: str, job: str) -> dict[str, datetime]:
    """Return when each container of a run ended, its router among them."""
    (pod,) = parishes.cluster.list("pods", "-l", f"job-name={job}", namespace=identifier)
    statuses = [*pod["status"]["containerStatuses"], *pod["status"]["initContainerStatuses"]]
    return {one["name"]: datetime.fromisoformat(one["state"]["terminated"]["finishedAt"]) for one in statuses}


def change_schedule(parishes: ClusterParishes, identifier: str, schedule: str) -> None:
    """Let the cron of an instance run at other times."""
    patch = json.dumps({"spec": {"schedule": schedule}})
    parishes.cluster.kubectl("patch", "cronjob", "civicron", "--type=merge", "-p", patch, namespace=identifier)
