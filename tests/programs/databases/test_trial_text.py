"""programs.databases.trial_text: statements about throwaway names."""

import pytest

from programs.databases.trial_text import hide_part, move_part
from programs.sql.judge import judge_statement
from programs.sql.settings import START, Session
from programs.sql.statements import Part

MOVED = {"civicrm": "s0", "drupal": "s1"}


def make_part(text: str) -> Part:
    verdict = judge_statement(text.encode(), database="civicrm", session=Session())
    return Part(text.encode(), verdict, 1, 1, dict(START))


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (
            "CREATE TABLE `t` (`a` int DEFAULT nextval(`civicrm`.`s`))",
            "CREATE TABLE `t` (`a` int DEFAULT nextval(`s0`.`s`))",
        ),
        ("CREATE VIEW `v` AS select 1 from `drupal`.`t`", "CREATE VIEW `v` AS select 1 from `s1`.`t`"),
        (
            "CREATE VIEW `v` AS select `drupal`.`a` from `drupal`",
            "CREATE VIEW `v` AS select `drupal`.`a` from `drupal`",
        ),
        (
            "CREATE VIEW `v` AS select `drupal`.`t`.`a` from `drupal`.`t` join `drupal`",
            "CREATE VIEW `v` AS select `s1`.`t`.`a` from `s1`.`t` join `drupal`",
        ),
        (
            "CREATE TRIGGER `civicrm`.`r` BEFORE INSERT ON `t` FOR EACH ROW DELETE FROM civicrm.t",
            "CREATE TRIGGER `s0`.`r` BEFORE INSERT ON `t` FOR EACH ROW DELETE FROM civicrm.t",
        ),
        (
            "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM civicrm.t",
            "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM civicrm.t",
        ),
        (
            "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY COMMENT 'ENABLE' DO SET @a = 1",
            "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY  DISABLE COMMENT 'ENABLE' DO SET @a = 1",
        ),
        ("ALTER DATABASE `civicrm` CHARACTER SET utf8mb4", "ALTER DATABASE `s0` CHARACTER SET utf8mb4"),
    ],
)
def test_names_of_databases_are_moved_where_they_certainly_are_some(text: str, moved: str) -> None:
    found = move_part(make_part(text), MOVED, database="civicrm").text.decode()
    assert " ".join(found.split()) == " ".join(moved.split())


def test_a_table_of_a_throwaway_name_has_no_foreign_keys_nor_names_of_checks() -> None:
    text = (
        "CREATE TABLE `t` (`a` int(11), CONSTRAINT `c` CHECK (`a` in (1,2)), KEY `k` (`a`),"
        " CONSTRAINT `x` FOREIGN KEY (`a`,`b`) REFERENCES `civilog`.`y` (`a`,`b`) ON DELETE CASCADE) ENGINE=InnoDB"
    )
    found = hide_part(make_part(text), 5, {})
    assert found is not None
    expected = "CREATE TABLE `civiparoisse_trial_5` (`a` int(11), CHECK (`a` in (1,2)), KEY `k` (`a`)) ENGINE=InnoDB"
    assert " ".join(found.text.decode().split()) == expected


def test_a_trigger_goes_with_its_table() -> None:
    part = make_part("CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW FOLLOWS `q` SET NEW.a = 1")
    assert hide_part(part, 7, {}) is None
    found = hide_part(part, 7, {"t": "civiparoisse_trial_2"})
    assert found is not None
    text = "CREATE TRIGGER `civiparoisse_trial_7` BEFORE INSERT ON `civiparoisse_trial_2` FOR EACH ROW SET NEW.a = 1"
    assert " ".join(found.text.decode().split()) == text
