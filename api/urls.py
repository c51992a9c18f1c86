"""Addresses of the REST API; each with or without the final slash, so that no POST is lost in a redirect."""

from django.urls import URLPattern, URLResolver, clear_url_caches, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from api.kind_actions import add_kind_actions
from api.resources.backups import BackupViewSet, RestoreViewSet
from api.resources.campaigns import CampaignViewSet
from api.resources.catalogue import PlanViewSet, ReleaseViewSet
from api.resources.checklist import ChecklistViewSet
from api.resources.clusters import ClusterViewSet
from api.resources.contacts import ContactViewSet
from api.resources.destinations import CopyViewSet, DestinationViewSet
from api.resources.finops import (
    CapacityViewSet,
    CostMonthViewSet,
    FindingViewSet,
    RecommendationViewSet,
    WhatIfViewSet,
)
from api.resources.instances import InstanceViewSet
from api.resources.operations import OperationViewSet
from api.resources.policies import PolicyViewSet
from api.resources.problems import ProblemViewSet
from api.resources.requests import RequestViewSet
from api.resources.tenants import TenantViewSet
from api.unknown import UnknownAddressView
from operations.registry import watch_kinds

RESOURCES: dict[str, tuple[type[ViewSetMixin], str]] = {
    "tenants": (TenantViewSet, "tenant"),
    "instances": (InstanceViewSet, "instance"),
    "operations": (OperationViewSet, "operation"),
    "campaigns": (CampaignViewSet, "campaign"),
    "backups": (BackupViewSet, "backup"),
    "restores": (RestoreViewSet, "restore"),
    "requests": (RequestViewSet, "request"),
    "contacts": (ContactViewSet, "contact"),
    "policies": (PolicyViewSet, "policy"),
    "checklist": (ChecklistViewSet, "checklist"),
    "problems": (ProblemViewSet, "problem"),
    "plans": (PlanViewSet, "plan"),
    "releases": (ReleaseViewSet, "release"),
    "clusters": (ClusterViewSet, "cluster"),
    "destinations": (DestinationViewSet, "destination"),
    "copies": (CopyViewSet, "copy"),
    "finops/months": (CostMonthViewSet, "cost-month"),
    "finops/capacity": (CapacityViewSet, "capacity"),
    "finops/recommendations": (RecommendationViewSet, "recommendation"),
    "finops/findings": (FindingViewSet, "finding"),
    "finops/what-if": (WhatIfViewSet, "what-if"),
}
urlpatterns: list[URLPattern | URLResolver] = []


def route() -> None:
    """Make the addresses of all resources, those of every registered kind of operation among them."""
    add_kind_actions()
    router = SimpleRouter()
    router.trailing_slash = "/?"
    for prefix, (view, basename) in RESOURCES.items():
        router.register(prefix, view, basename=basename)
    urlpatterns[:] = [
        path("", include(router.urls)),
        re_path("^schema/?$", SpectacularJSONAPIView.as_view(), name="schema"),
        re_path("", UnknownAddressView.as_view()),
    ]
    clear_url_caches()


watch_kinds(route)
