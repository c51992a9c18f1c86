"""Parameters of parishes as people give them, and rows made of them."""

from typing import Any

from tests.builders import CAST


def make_parish(like: str = "saint-paul", **changes: Any) -> dict[str, Any]:
    """Return every parameter of the parish whose sub-domain is `like`, in recorded form, with both mail servers."""
    _name, number, street, postcode, city = CAST.get(like, CAST["saint-jean"])
    domain = f"{like}.example.org"
    parish = {
        "name": f"Paroisse {like.replace('-', ' ').title()}",
        "slug": like,
        "street_number": number,
        "street": street.replace("'", "’"),
        "postcode": postcode,
        "city": city,
        "phone": "+33 3 88 00 00 00",
        "drupal_site_mail": f"site@{domain}",
        "civicrm_domain_mail": f"contact@{domain}",
        "civicrm_domain": domain,
        "admin_mail": f"admin@{domain}",
        "admin_name": "Jeanne d’Arc",
        "admin_description": "Admin de la paroisse",
        "smtp_host": "smtp.example.org",
        "smtp_port": 587,
        "smtp_user": f"{like}@example.org",
        "smtp_password": "outgoing \"secret' \\ é",
        "imap_host": "imap.example.org",
        "imap_port": 993,
        "imap_user": f"bounce-{like}@example.org",
        "imap_password": "incoming secret",
        "imap_use_ssl": True,
        "imap_folder": "INBOX",
        "return_path": f"bounce@{domain}",
        "verp_localpart": "civibounce+",
    }
    return {**parish, **changes}
