"""Addresses: the administration for UEPAL, /paroisse/ for parishes, the API for programs."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from civiparoisse.health import show_live, show_ready
from console.backups.checklist import show_checklist
from console.clusters.removal import ask_removal
from console.overview.page import show_overview
from watch.metrics.page import show_metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/overview/", admin.site.admin_view(show_overview), name="overview"),
    path("admin/checklist/", admin.site.admin_view(show_checklist), name="checklist"),
    path("admin/removal/<slug:engine>/<slug:thing>/<str:name>/", admin.site.admin_view(ask_removal), name="removal"),
    path("admin/finops/", include("finops.urls")),
    path("admin/", admin.site.urls),
    path("paroisse/", include("parish_site.urls")),
    path("api/v1/", include("api.urls")),
    path("healthz", show_live),
    path("livez", show_live),
    path("readyz", show_ready),
    path("metrics", show_metrics, name="metrics"),
]
# What fails before a view of the API is reached is still told to programs as JSON.
handler400 = "api.faults.show_bad_request"
handler404 = "api.faults.show_not_found"
handler500 = "api.faults.show_server_error"
