"""Addresses of the REST API; each with or without the final slash, so that no POST is lost in a redirect."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from api.resources.backups import BackupViewSet, RestoreViewSet
from api.resources.catalogue import PlanViewSet, ReleaseViewSet
from api.resources.clusters import ClusterViewSet
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
from api.resources.tenants import TenantViewSet
from api.unknown import UnknownAddressView

router = SimpleRouter()
router.trailing_slash = "/?"
router.register("tenants", TenantViewSet, basename="tenant")
router.register("instances", InstanceViewSet, basename="instance")
router.register("operations", OperationViewSet, basename="operation")
router.register("backups", BackupViewSet, basename="backup")
router.register("restores", RestoreViewSet, basename="restore")
router.register("policies", PolicyViewSet, basename="policy")
router.register("plans", PlanViewSet, basename="plan")
router.register("releases", ReleaseViewSet, basename="release")
router.register("clusters", ClusterViewSet, basename="cluster")
router.register("finops/months", CostMonthViewSet, basename="cost-month")
router.register("finops/capacity", CapacityViewSet, basename="capacity")
router.register("finops/recommendations", RecommendationViewSet, basename="recommendation")
router.register("finops/findings", FindingViewSet, basename="finding")
router.register("finops/what-if", WhatIfViewSet, basename="what-if")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    re_path("^schema/?$", SpectacularJSONAPIView.as_view(), name="schema"),
    re_path("", UnknownAddressView.as_view()),
]
