"""Addresses of the site of parishes, below /paroisse/. What is not here is answered as what is another parish's."""

from django.urls import path, re_path

from parish_site.asking import ask_cause, ask_extent, ask_moment, ask_other, ask_why
from parish_site.entrance import leave, show_code, show_confirmation, show_door, show_link
from parish_site.fetching import fetch_data, show_key
from parish_site.finding import find_part
from parish_site.nowhere import show_nothing
from parish_site.requests import act_on_request, show_request, show_requests

urlpatterns = [
    path("", show_door, name="door"),
    path("code/", show_code, name="door-code"),
    path("entrer/<str:secret>", show_link, name="door-link"),
    path("confirmer/<str:secret>", show_confirmation, name="door-confirmation"),
    path("sortir/", leave, name="door-leave"),
    path("demander/", ask_cause, name="door-ask"),
    path("demander/moment/", ask_moment, name="door-ask-moment"),
    path("demander/etendue/", ask_extent, name="door-ask-extent"),
    path("demander/fichier/", find_part, name="door-find"),
    path("demander/raison/", ask_why, name="door-ask-why"),
    path("demander/autre/<str:wish>/", ask_other, name="door-ask-other"),
    path("demandes/", show_requests, name="door-requests"),
    path("demandes/<str:reference>/", show_request, name="door-request"),
    path("demandes/<str:reference>/cle/", show_key, name="door-key"),
    path("demandes/<str:reference>/donnees/", fetch_data, name="door-fetch"),
    path("demandes/<str:reference>/<str:act>/", act_on_request, name="door-act"),
    re_path(r"", show_nothing, name="door-nothing"),
]
