"""What follows the closing bracket of CREATE TABLE, word by word: an allow-list.

A table may name a directory, a server, other tables or an engine that reads files: none of that is put back. What a
dump of an ordinary table writes there is listed here (MariaDB and MySQL manuals, CREATE TABLE).
"""

from programs.sql.reading import Reading, Refused

# Engines whose rows are the server's own. Never FEDERATED, CONNECT, SPIDER, CSV, S3, MERGE, SPHINX: they are elsewhere.
ENGINES = frozenset("ARCHIVE ARIA BLACKHOLE HEAP INNODB MARIA MEMORY MYISAM ROCKSDB TOKUDB".split())
OPTIONS = frozenset(
    "AUTOEXTEND_SIZE AUTO_INCREMENT AVG_ROW_LENGTH CHARSET CHECKSUM COLLATE COMMENT COMPRESSION DELAY_KEY_WRITE"
    " ENCRYPTED"
    " ENCRYPTION ENCRYPTION_KEY_ID IETF_QUOTES KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS PACK_KEYS PAGE_CHECKSUM PAGE_COMPRESSED"
    " PAGE_COMPRESSION_LEVEL ROW_FORMAT SEQUENCE STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES TABLE_CHECKSUM"
    " TRANSACTIONAL".split()
)
FORBIDDEN = frozenset(
    "DATA INDEX DIRECTORY CONNECTION UNION TABLESPACE INSERT_METHOD SECONDARY_ENGINE NODEGROUP PASSWORD AS SELECT LIKE"
    " IGNORE REPLACE TABLE VALUES".split()
)
# Functions of a partitioning expression (MySQL manual, Partitioning Limitations Relating to Functions).
FUNCTIONS = frozenset(
    "ABS CEILING CEIL DATEDIFF DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR EXTRACT FLOOR HOUR MICROSECOND MINUTE MOD MONTH"
    " QUARTER SECOND TIME_TO_SEC TO_DAYS TO_SECONDS UNIX_TIMESTAMP WEEKDAY YEAR YEARWEEK CAST CRC32".split()
)
PARTITION_NUMBERS = frozenset({"PARTITIONS", "SUBPARTITIONS", "LIMIT", "MAX_ROWS", "MIN_ROWS", "ALGORITHM"})
PARTITION_WORDS = frozenset("BY LINEAR SYSTEM_TIME AUTO STARTS TIMESTAMP LESS THAN MAXVALUE HISTORY CURRENT".split())
UNITS = frozenset("MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR".split())

SEQUENCE_WORDS = frozenset(
    "START WITH MINVALUE MAXVALUE INCREMENT BY CACHE NOCACHE CYCLE NOCYCLE NO AS UNSIGNED TINYINT SMALLINT MEDIUMINT"
    " INT BIGINT INTEGER".split()
)


def read_sequence_options(reading: Reading) -> None:
    """Read what follows the name of a sequence, as far as it is known."""
    while not reading.ended:
        if reading.take_word("ENGINE"):
            reading.take_mark("=")
            check_engine(reading)
        elif reading.take_word("COMMENT"):
            reading.take_mark("=")
            reading.take_string()
        elif reading.word in SEQUENCE_WORDS or (reading.word or "").isdigit():
            reading.skip()
        elif not reading.take_mark("=") and not reading.take_mark("-"):
            return


def read_table_options(reading: Reading) -> str:
    """Read to the end of the statement, return the engine, "" when none is named. Raise Refused for what is not on the
    list."""
    engine = ""
    while not reading.ended:
        reading.take_mark(",")
        if reading.is_word("PARTITION"):
            read_partitions(reading)
        elif reading.take_words("WITH", "SYSTEM", "VERSIONING"):
            continue
        else:
            engine = read_option(reading) or engine
    return engine


def read_option(reading: Reading) -> str:
    """One option: its name, perhaps =, its value. Return the engine when it names one."""
    reading.take_word("DEFAULT")
    if reading.take_words("CHARACTER", "SET"):
        name = "CHARSET"
    else:
        name = (reading.identifier or "").upper()
        if name != "ENGINE" and name not in OPTIONS:
            refuse_word(reading)
        reading.skip()
    reading.take_mark("=")
    if name == "ENGINE":
        return check_engine(reading)
    if not reading.take_string() and not reading.take_plain():
        raise Refused(f"an option of a table has a value that is not known ({name})")
    return ""


def check_engine(reading: Reading) -> str:
    """Take an engine's name, which must be on the list, and return it in capitals."""
    name = (reading.identifier or "").upper()
    if name not in ENGINES:
        raise Refused(f"a table of it is of the engine {name or reading.shown}, which is not put back", hostile=True)
    reading.skip()
    return name


def read_partitions(reading: Reading) -> None:
    """PARTITION BY … up to the end of the list of partitions."""
    reading.take_word("PARTITION")
    while not reading.ended:
        if reading.take_mark("("):
            read_partition_list(reading)
            return
        if reading.take_word("SUBPARTITION") or reading.take_word("LINEAR") or reading.take_word("BY"):
            continue
        if reading.take_any_word("HASH", "KEY", "RANGE", "LIST"):
            if reading.take_word("ALGORITHM"):
                reading.take_mark("=")
                reading.take_plain()
            columns = reading.take_word("COLUMNS")
            if reading.is_mark("("):
                read_expression(reading, names_only=bool(columns))
        elif reading.take_word("INTERVAL"):
            read_interval(reading)
        elif (reading.word or "") in PARTITION_NUMBERS:
            reading.skip()
            reading.take_mark("=")
            reading.take_plain()
        elif (reading.word or "") in PARTITION_WORDS:
            reading.skip()
            reading.take_string()
        else:
            refuse_word(reading)


def read_interval(reading: Reading) -> None:
    """How much: a number or text, and a unit; perhaps when it starts."""
    if not (reading.take_string() or reading.take_plain()) or not reading.take_any_word(*UNITS):
        refuse_word(reading)


def read_partition_list(reading: Reading) -> None:
    """After the bracket: PARTITION name VALUES … options, to the closing one. Subpartitions are the same again."""
    while not reading.take_mark(")"):
        if reading.take_any_word("PARTITION", "SUBPARTITION"):
            if reading.identifier is None:
                refuse_word(reading)
            reading.skip()
        elif reading.take_word("VALUES"):
            reading.take_words("LESS", "THAN")
            reading.take_word("IN")
            if reading.is_mark("("):
                read_expression(reading, names_only=False)
        elif reading.take_word("STORAGE"):
            if not reading.is_word("ENGINE"):
                refuse_word(reading)
        elif reading.take_word("ENGINE"):
            reading.take_mark("=")
            check_engine(reading)
        elif reading.take_word("COMMENT"):
            reading.take_mark("=")
            if not reading.take_string():
                refuse_word(reading)
        # A node group is a number, which servers other than NDB keep and do not use.
        elif reading.take_any_word("MAX_ROWS", "MIN_ROWS", "NODEGROUP"):
            reading.take_mark("=")
            reading.take_plain()
        elif reading.take_mark("("):
            read_partition_list(reading)
        elif not reading.take_any_word("MAXVALUE", "DEFAULT", "HISTORY", "CURRENT") and not reading.take_mark(","):
            refuse_word(reading)


def read_expression(reading: Reading, *, names_only: bool) -> None:
    """What stands between brackets: names, literals, arithmetic, and functions of the list."""
    for token, following in reading.take_brackets():
        called = token.kind == "word" and following == b"("
        if called and (names_only or token.text.decode(errors="replace") not in FUNCTIONS | {"AND", "OR", "IN"}):
            raise Refused("a table is divided by a function that is not known")
        if token.text in (b"SELECT", b"@", b";"):
            raise Refused("a table is divided by more than an expression", hostile=True)


def refuse_word(reading: Reading) -> None:
    """Raise Refused for what stands here: hostile when it is known to lead out of the database."""
    if reading.is_mark(";"):
        raise Refused("it is several statements at once", hostile=True)
    if (reading.identifier or "").upper() in FORBIDDEN:
        raise Refused(f"a table of it names what is outside of the database ({reading.shown})", hostile=True)
    raise Refused(f"it has table options that are not known ({reading.shown})")
