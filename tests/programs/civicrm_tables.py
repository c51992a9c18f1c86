"""Tables of CiviCRM and Drupal that are counted, with the columns that count: as an ordinary site of today has them."""

import json

from manifests.blueprints import load_blueprint
from manifests.data_sets import format_figures

FIGURES = format_figures(load_blueprint("civiparoisse-1"))
CODES = tuple(json.loads(FIGURES))
CIVICRM = (
    """CREATE TABLE civicrm_contact (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, contact_type VARCHAR(64),
    is_deleted TINYINT NOT NULL DEFAULT 0, display_name VARCHAR(128),
    modified_date TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)""",
    """CREATE TABLE civicrm_contribution (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, contact_id INT UNSIGNED,
    receive_date DATETIME, total_amount DECIMAL(20,2) NOT NULL, is_test TINYINT NOT NULL DEFAULT 0,
    contribution_status_id INT UNSIGNED DEFAULT 1)""",
    """CREATE TABLE civicrm_participant (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, contact_id INT UNSIGNED,
    is_test TINYINT NOT NULL DEFAULT 0)""",
    """CREATE TABLE civicrm_membership (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, contact_id INT UNSIGNED,
    is_test TINYINT NOT NULL DEFAULT 0)""",
    """CREATE TABLE civicrm_mailing_job (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, mailing_id INT UNSIGNED,
    status VARCHAR(12), is_test TINYINT DEFAULT 0, parent_id INT UNSIGNED)""",
    """CREATE TABLE civicrm_activity (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, subject VARCHAR(255),
    details LONGTEXT, is_test TINYINT DEFAULT 0, is_deleted TINYINT DEFAULT 0, is_current_revision TINYINT DEFAULT 1,
    modified_date TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)""",
)
DRUPAL = (
    """CREATE TABLE users_field_data (uid INT UNSIGNED NOT NULL, langcode VARCHAR(12) NOT NULL, name VARCHAR(60),
    status TINYINT, access INT NOT NULL DEFAULT 0, login INT, changed INT, PRIMARY KEY (uid, langcode))""",
)
CIVICRM_ROWS = (
    """INSERT INTO civicrm_contact (contact_type, is_deleted, display_name) VALUES
    ('Individual', 0, 'Anne Secret'), ('Individual', 0, 'B'), ('Organization', 0, 'C'),
    ('Household', 0, 'D'), ('Individual', 1, 'gone')""",
    """INSERT INTO civicrm_contribution (total_amount, is_test, contribution_status_id) VALUES (100.10, 0, 1),
    (20.05, 0, 2), (7, 0, 3), (8, 0, 4), (9, 1, 1)""",
    "INSERT INTO civicrm_participant (is_test) VALUES (0), (0), (1)",
    "INSERT INTO civicrm_membership (is_test) VALUES (0), (1)",
    """INSERT INTO civicrm_mailing_job (mailing_id, status, is_test, parent_id) VALUES (1, 'Complete', 0, NULL),
    (1, 'Complete', 0, 1), (2, 'Running', 0, NULL), (3, 'Complete', 1, NULL)""",
    """INSERT INTO civicrm_activity (subject, is_test, is_deleted, is_current_revision) VALUES ('a', 0, 0, 1),
    ('b', 0, 0, 1), ('c', 0, 1, 1), ('d', 1, 0, 1), ('e', 0, 0, 0)""",
)
DRUPAL_ROWS = (
    """INSERT INTO users_field_data (uid, langcode, name, status, changed) VALUES (0, 'fr', '', 0, 1),
    (1, 'fr', 'admin', 1, 1700000000), (1, 'en', 'admin', 1, 1700000000), (2, 'fr', 'b', 1, 1700000500)""",
)
# What the rows come to.
COUNTED = {
    "contacts": 3,
    "households": 1,
    "contributions": 2,
    "participants": 2,
    "memberships": 1,
    "mailings": 1,
    "activities": 2,
    "users": 2,
}
