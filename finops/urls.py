"""Addresses of the pages of costs, below admin/finops/."""

from django.contrib import admin
from django.urls import path

from finops.pages.closing_page import ask_closing
from finops.pages.cost_pages import export_month, show_dashboard, show_parish
from finops.pages.price_example import show_price_example
from finops.pages.savings_pages import show_advice, show_savings, show_what_if

view = admin.site.admin_view

urlpatterns = [
    path("", view(show_dashboard), name="finops_dashboard"),
    path("parish/<slug:slug>/", view(show_parish), name="finops_parish"),
    path("savings/", view(show_savings), name="finops_savings"),
    path("savings/<slug:identifier>/", view(show_advice), name="finops_advice"),
    path("what-if/", view(show_what_if), name="finops_what_if"),
    path("close/<str:month>/", view(ask_closing), name="finops_close"),
    path("price-example/", view(show_price_example), name="finops_price_example"),
    path("month/<str:month>/<slug:form>/", view(export_month), name="finops_export"),
]
