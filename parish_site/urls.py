"""Addresses of the site of parishes, below /paroisse/. What is not here is answered as what is another parish's."""

from django.urls import path, re_path

from parish_site.entrance import leave, show_code, show_confirmation, show_door, show_link
from parish_site.nowhere import show_nothing

urlpatterns = [
    path("", show_door, name="door"),
    path("code/", show_code, name="door-code"),
    path("entrer/<str:secret>", show_link, name="door-link"),
    path("confirmer/<str:secret>", show_confirmation, name="door-confirmation"),
    path("sortir/", leave, name="door-leave"),
    re_path(r"", show_nothing, name="door-nothing"),
]
