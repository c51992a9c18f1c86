"""programs.databases.events: which events a server leaves out because their time is over."""

from programs.databases.events import list_dated_events, select_expired
from programs.databases.inventory import LiveDatabase

TEXT = b"""/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `once` ON SCHEDULE AT '2026-12-03 02:49:27' \
ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1 */ ;;
CREATE EVENT `a``b` ON SCHEDULE EVERY 1 DAY STARTS '2026-11-30 02:49:27' ENDS '2026-12-01 00:00:00' \
ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1 ;;
CREATE EVENT `kept` ON SCHEDULE AT '2026-12-03 02:49:27' ON COMPLETION PRESERVE ENABLE DO SELECT 1 ;;
CREATE EVENT `daily` ON SCHEDULE EVERY 1 DAY STARTS '2026-11-30 02:49:27' ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1
"""


def test_events_that_a_time_ends_are_known_by_their_text() -> None:
    assert list_dated_events(TEXT) == {"once", "a`b"}


def test_only_what_was_there_and_is_missing_has_expired() -> None:
    live = LiveDatabase("utf8mb4", "utf8mb4_general_ci", events={"there": "0"})
    expected = dict.fromkeys(("there", "gone", "daily"), "0")
    assert select_expired(live, expected, dated={"there", "gone", "never"}) == ["gone"]
