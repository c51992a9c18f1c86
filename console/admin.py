"""What Django's administration finds: importing the pages of each subject registers them."""

from console.backups import pages as backups
from console.campaigns import pages as campaigns
from console.campaigns import standings
from console.clusters import pages as clusters
from console.contacts import pages as contacts
from console.destinations import pages as destinations
from console.instances import pages as instances
from console.operations import pages as operations
from console.parishes import pages as parishes
from console.people import pages as people
from console.plans import pages as plans
from console.policies import pages as policies
from console.requests import pages as requests
from console.requests import rules
from console.watch import pages as watch

__all__ = [
    "backups",
    "campaigns",
    "clusters",
    "contacts",
    "destinations",
    "instances",
    "operations",
    "parishes",
    "people",
    "plans",
    "policies",
    "requests",
    "rules",
    "standings",
    "watch",
]
