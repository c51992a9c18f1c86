"""What a session asks of its server before anything else: not to end it while it waits for something long.

A parish's server may be set to end what is silent for a minute. A snapshot waits for a whole dump, the session that
defines programs for all rows of a database, a statement sent in pieces for the disk that they are read from.
"""

WAIT_SECONDS = 7 * 24 * 3600
# MariaDB also ends transactions that are silent, and statements that last. The one statement limit of MySQL is for
# SELECT alone; older servers of either vendor do not know it.
PATIENT = (
    f"SET SESSION wait_timeout={WAIT_SECONDS}, net_read_timeout={WAIT_SECONDS}, net_write_timeout={WAIT_SECONDS}"
    " /*M!100300 , idle_transaction_timeout=0, idle_readonly_transaction_timeout=0, idle_write_transaction_timeout=0,"
    " max_statement_time=0 */ /*!50708 , max_execution_time=0 */"
)
