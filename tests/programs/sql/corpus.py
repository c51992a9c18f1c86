"""Objects of every kind and form that servers take: what they dump of them has to pass the judge, and to come back."""

from collections.abc import Iterator

TYPES = (
    "INT", "INT(3) UNSIGNED ZEROFILL", "BIGINT", "DECIMAL(20,9)", "FLOAT", "DOUBLE", "BIT(5)", "CHAR(3)", "VARCHAR(9)",
    "VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin", "TEXT", "LONGTEXT", "BLOB", "LONGBLOB", "BINARY(3)",
    "VARBINARY(4)", "DATE", "TIME(3)", "DATETIME(6)", "TIMESTAMP", "YEAR", "JSON", "ENUM('a''b','c),(','\\\\')",
    "SET('x','y;')", "POINT", "GEOMETRY", "INET6", "UUID", "BOOLEAN", "TINYINT(1)",
)  # fmt: skip
COLUMNS = (
    "a INT DEFAULT 5 COMMENT 'DATA DIRECTORY=''/x'''",
    "a INT DEFAULT (1 + 2)",
    "a INT AS (1 + 1) STORED",
    "a INT AS (b * 2) VIRTUAL, b INT",
    "a VARCHAR(36) DEFAULT uuid()",
    "a TIMESTAMP DEFAULT current_timestamp() ON UPDATE current_timestamp()",
    "a INT CHECK (a > 0), CONSTRAINT `c;--` CHECK (a < 100 AND a <> 7)",
    "a INT INVISIBLE DEFAULT 1, b INT",
    "a TEXT COMPRESSED",
    "a INT PRIMARY KEY AUTO_INCREMENT, b INT, UNIQUE KEY (b), KEY k (a, b) COMMENT 'x' USING BTREE",
    "a TEXT, b POINT NOT NULL, FULLTEXT KEY f (a), SPATIAL KEY s (b)",
    "a VARCHAR(99), KEY (a(10)), KEY d (a DESC) IGNORED",
    "a INT, s DATE, e DATE, PERIOD FOR p (s, e), UNIQUE (a, p WITHOUT OVERLAPS)",
    "a INT, b INT WITHOUT SYSTEM VERSIONING",
    "`select` INT, `a``b` INT, `é` INT, `a b` INT, `1` INT",
)
OPTIONS = (
    "", "ENGINE=MyISAM DELAY_KEY_WRITE=1 CHECKSUM=1 PACK_KEYS=1", "ENGINE=Aria PAGE_CHECKSUM=0 TRANSACTIONAL=0",
    "ENGINE=Aria TRANSACTIONAL=1", "ENGINE=MEMORY", "ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8",
    "ENGINE=InnoDB PAGE_COMPRESSED=1 PAGE_COMPRESSION_LEVEL=3", "ROW_FORMAT=DYNAMIC STATS_PERSISTENT=1",
    "STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=9", "COMMENT='a; -- \\' DATA DIRECTORY'",
    "MAX_ROWS=10 MIN_ROWS=2 AVG_ROW_LENGTH=50",
    "AUTO_INCREMENT=77", "CHARSET=latin1 COLLATE=latin1_german1_ci", "CHARSET=binary", "WITH SYSTEM VERSIONING",
    "SEQUENCE=0", "ENCRYPTED=NO",
)  # fmt: skip
PARTITIONS = (
    "PARTITION BY HASH (a) PARTITIONS 3",
    "PARTITION BY LINEAR HASH (a + 1) PARTITIONS 2",
    "PARTITION BY KEY (a) PARTITIONS 2",
    "PARTITION BY LINEAR KEY ALGORITHM=2 (a) PARTITIONS 2",
    "PARTITION BY RANGE (a) (PARTITION data VALUES LESS THAN (1) COMMENT='x', PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1,2,NULL) MAX_ROWS=5, PARTITION p1 VALUES IN (3) NODEGROUP=2,"
    " PARTITION pd"
    " DEFAULT)",
    "PARTITION BY RANGE COLUMNS (a, d) (PARTITION p0 VALUES LESS THAN (1,'2026-01-01'), PARTITION p1 VALUES LESS THAN"
    " (MAXVALUE, MAXVALUE))",
    "PARTITION BY LIST COLUMNS (d) (PARTITION p0 VALUES IN ('2026-01-01','2026-02-02'))",
    "PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (to_days(d)) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN"
    " (2000),"
    " PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "PARTITION BY RANGE (year(d)) SUBPARTITION BY KEY (a) (PARTITION p0 VALUES LESS THAN (2000) (SUBPARTITION s0,"
    " SUBPARTITION s1 COMMENT='y'))",
    "PARTITION BY RANGE (extract(month FROM d)) (PARTITION p0 VALUES LESS THAN (13))",
    "PARTITION BY RANGE (datediff(d, '2000-01-01')) (PARTITION p0 VALUES LESS THAN (99999))",
    "WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (PARTITION p0 HISTORY, PARTITION pn CURRENT)",
    "WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100 (PARTITION p0 HISTORY, PARTITION pn CURRENT)",
    "WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME INTERVAL 1 MONTH STARTS '2026-01-01 00:00:00' AUTO PARTITIONS 3",
)
BODIES = (
    "BEGIN END",
    "BEGIN NOT ATOMIC SELECT 1 INTO @x; END",
    "lbl: BEGIN LEAVE lbl; END lbl",
    "FOR i IN 1..3 DO SET @x = i; END FOR",
    "FOR i IN REVERSE 1..3 DO SET @x = i; END FOR",
    "FOR r IN (SELECT 1 AS one) DO SET @x = r.one; END FOR",
    "l: FOR i IN 1..3 DO ITERATE l; END FOR l",
    "WHILE @x < 3 DO SET @x = @x + 1; END WHILE",
    "l: WHILE @x < 3 DO LEAVE l; END WHILE l",
    "l: LOOP LEAVE l; END LOOP l",
    "REPEAT SET @x = 1; UNTIL @x END REPEAT",
    "IF @x THEN SET @y = 1; ELSEIF @z THEN SET @y = 2; ELSE SET @y = 3; END IF",
    "IF (@x) AND (CASE WHEN @y THEN 1 ELSE 0 END) THEN SET @z = 1; END IF",
    "IF EXISTS (SELECT 1) THEN SET @x = 1; END IF",
    "IF NOT EXISTS (SELECT 1) THEN IF 1 THEN SET @x = 1; END IF; END IF",
    "CASE @x WHEN 1 THEN SET @y = 1; ELSE BEGIN END; END CASE",
    "CASE WHEN @x THEN SET @y = IF(1, 2, 3); WHEN @y THEN IF 1 THEN SET @z = 1; END IF; END CASE",
    "SET @x = CASE WHEN @y THEN IF(1, 2, 3) WHEN @z THEN REPEAT('x', 2) END",
    "SET @x = 'END; DROP DATABASE civilog; BEGIN', @y = \"it's\"",
    "INSERT INTO base (a) VALUES (IF(1, 2, 3)) ON DUPLICATE KEY UPDATE a = IF(a, 1, 2)",
    "DELETE FROM base WHERE a IN (SELECT b FROM (SELECT 1 AS b) AS t)",
    "UPDATE base SET a = CASE a WHEN 1 THEN 2 END WHERE a BETWEEN 1 AND 5 LIMIT 1",
    "BEGIN DECLARE done INT DEFAULT 0; DECLARE v INT; DECLARE c CURSOR FOR SELECT a FROM base; DECLARE CONTINUE"
    " HANDLER FOR"
    " NOT FOUND SET done = 1; OPEN c; l: LOOP FETCH c INTO v; IF done THEN LEAVE l; END IF; END LOOP; CLOSE c; END",
    "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SET @x = 1; RESIGNAL; END; SET @y = 1; END",
    "BEGIN DECLARE oops CONDITION FOR SQLSTATE '45000'; DECLARE EXIT HANDLER FOR oops, 1062 IF @x THEN SET @y = 1;"
    " END IF;"
    " SIGNAL oops SET MESSAGE_TEXT = 'x;'; END",
    "BEGIN DECLARE v ROW (a INT, b TEXT); SET v.a = 1; END",
    "BEGIN DECLARE v TYPE OF base.a DEFAULT 1; SET v = 2; END",
    "BEGIN DECLARE c CURSOR (n INT) FOR SELECT a FROM base WHERE a = n; FOR r IN c(5) DO SET @x = r.a; END FOR; END",
    "BEGIN SELECT a AS `end`, a AS `begin` FROM base INTO @x, @y; END",
    "BEGIN /* END; */ SET @x = 1; -- END;\n # it's; END\n /* ' */ END",
    "BEGIN GET DIAGNOSTICS @n = NUMBER; END",
    "BEGIN WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT MAX(n) FROM r INTO"
    " @x; END",
    "BEGIN DECLARE x INT; SET x = (SELECT COUNT(*) FROM base FOR SYSTEM_TIME ALL); END",
    "BEGIN SET STATEMENT max_statement_time = 1 FOR SELECT 1 INTO @x; END",
    "BEGIN IF 1 THEN BEGIN LOOP SET @x = 1; END LOOP; END; END IF; CASE 1 WHEN 1 THEN BEGIN END; END CASE; END",
    "BEGIN DECLARE v INT DEFAULT 1; WHILE v DO REPEAT SET v = 0; UNTIL 1 END REPEAT; END WHILE; END",
)
VIEWS = (
    "SELECT 1 AS a", "SELECT a, 'x;''\\\\' AS b FROM base", "SELECT a FROM base WHERE a > 1 WITH CASCADED CHECK OPTION",
    "SELECT a FROM base UNION ALL SELECT 2", "WITH c AS (SELECT 1 AS x) SELECT x FROM c",
    "SELECT x.a FROM base x JOIN base y USING (a)",
    "SELECT COUNT(*) OVER (PARTITION BY a) AS n FROM base", "SELECT CASE WHEN a THEN IF(a, 1, 2) END AS c FROM base",
    "SELECT a FROM base LIMIT 3 OFFSET 1", "SELECT GROUP_CONCAT(a ORDER BY a SEPARATOR ';') AS g FROM base",
    "SELECT * FROM (SELECT 1 AS i) AS t", "SELECT a MOD 2 AS m, -a AS n, a << 1 AS o FROM base",
    "VALUES (1,'a'),(2,'b')",
    "SELECT JSON_EXTRACT('{\"a\": 1}', '$.a') AS j", "SELECT a FROM base FOR SYSTEM_TIME ALL",
)  # fmt: skip
MODES = ("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT,STRICT_ALL_TABLES", "ANSI,TRADITIONAL")


def list_statements() -> Iterator[tuple[str, str]]:
    """SQL mode and statement of every object; a server that does not take one of them is no fault."""
    yield "", "CREATE TABLE base (a INT, d DATE) WITH SYSTEM VERSIONING"
    for number, kind in enumerate(TYPES):
        yield "", f"CREATE TABLE type_{number} (a {kind}, b INT)"
    for number, columns in enumerate(COLUMNS):
        yield "", f"CREATE TABLE column_{number} ({columns}) WITH SYSTEM VERSIONING"
        yield "", f"CREATE TABLE plain_{number} ({columns})"
    for number, options in enumerate(OPTIONS):
        yield "", f"CREATE TABLE option_{number} (a INT PRIMARY KEY AUTO_INCREMENT, b TEXT) {options}"
    for number, partition in enumerate(PARTITIONS):
        yield "", f"CREATE TABLE partition_{number} (a INT, d DATE) {partition}"
    for number, query in enumerate(VIEWS):
        for algorithm in ("", "ALGORITHM=MERGE SQL SECURITY INVOKER"):
            yield "", f"CREATE {algorithm} VIEW view_{number}_{len(algorithm)} AS {query}"
    for number, options in enumerate(
        ("", "START WITH -5 MINVALUE -9 INCREMENT BY 2 CYCLE", "NOCACHE NOMAXVALUE", "ENGINE=Aria")
    ):
        yield "", f"CREATE SEQUENCE sequence_{number} {options}"
    yield from list_programs()


def list_programs() -> Iterator[tuple[str, str]]:
    """Triggers, routines and events with every body, each in one of the modes."""
    for number, body in enumerate(BODIES):
        mode = MODES[number % len(MODES)]
        if '"' in body and "ANSI" in mode:
            mode = ""
        attributes = ("", "SQL SECURITY INVOKER COMMENT 'BEGIN; IF'", "DETERMINISTIC MODIFIES SQL DATA")[number % 3]
        yield (
            mode,
            f"CREATE PROCEDURE procedure_{number}(IN p1 INT, OUT p2 VARCHAR(9) CHARSET utf8mb4) {attributes} {body}",
        )
        yield mode, f"CREATE TRIGGER trigger_{number} BEFORE INSERT ON type_{number % 20} FOR EACH ROW {body}"
        yield (
            mode,
            f"CREATE EVENT event_{number} ON SCHEDULE EVERY {number + 1} HOUR ON COMPLETION PRESERVE COMMENT 'DO"
            f" IF' DO {body}",
        )
        inner = body if body.startswith("BEGIN") else f"BEGIN {body}; RETURN 1; END"
        inner = inner if "RETURN " in inner else f"BEGIN {inner}; RETURN 1; END"
        yield (
            mode,
            f"CREATE FUNCTION function_{number}(p INT) RETURNS DECIMAL(10,2) UNSIGNED "
            f"{attributes.replace('IF', '')} {inner}",
        )
    oracle = "BEGIN IF 1 THEN NULL; ELSIF 2 THEN NULL; END IF; FOR i IN 1..3 LOOP NULL; END LOOP; END"
    yield "ORACLE", f"CREATE PROCEDURE oracle_1(p INT) AS x INT; {oracle}"
    yield "ORACLE", f"CREATE FUNCTION oracle_2(p INT) RETURN INT AS x INT; {oracle.removesuffix('END')} RETURN 1; END"
    yield "ORACLE", "CREATE PACKAGE pack AS FUNCTION f(p INT) RETURN INT; PROCEDURE q; END"
    yield (
        "ORACLE",
        (
            "CREATE PACKAGE BODY pack AS v INT := 1; FUNCTION f(p INT) RETURN INT AS BEGIN RETURN v; END;"
            " PROCEDURE q AS BEGIN NULL; END; BEGIN v := 2; END"
        ),
    )
