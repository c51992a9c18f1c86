"""Contacts of parishes in the administration: on the parish's page, and with pages of their own."""
