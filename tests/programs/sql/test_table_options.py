"""programs.sql.table_options: what may follow the closing bracket of CREATE TABLE."""

import pytest

from programs.sql.reading import Reading, Refused
from programs.sql.table_options import read_table_options
from programs.sql.tokens import list_readings

ALLOWED = [
    "",
    "ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
    " ROW_FORMAT=DYNAMIC COMMENT='DATA DIRECTORY'",
    "ENGINE=MyISAM DEFAULT CHARSET=latin1 DELAY_KEY_WRITE=1 CHECKSUM=1 PACK_KEYS=0"
    " MAX_ROWS=5 MIN_ROWS=1 AVG_ROW_LENGTH=9",
    "ENGINE=Aria PAGE_CHECKSUM=1 TRANSACTIONAL=1 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci",
    "ENGINE=InnoDB DEFAULT CHARACTER SET = 'utf8mb4' KEY_BLOCK_SIZE=8 STATS_PERSISTENT=0 STATS_AUTO_RECALC=DEFAULT",
    "ENGINE=InnoDB `PAGE_COMPRESSED`=1 `PAGE_COMPRESSION_LEVEL`=9 `ENCRYPTED`=YES `ENCRYPTION_KEY_ID`=1",
    "ENGINE=InnoDB /*!80016 ENCRYPTION='N' */ COMPRESSION='zlib' AUTOEXTEND_SIZE=4194304",
    "ENGINE=InnoDB WITH SYSTEM VERSIONING\n"
    " PARTITION BY SYSTEM_TIME INTERVAL 1 MONTH STARTS TIMESTAMP'2026-01-01 00:00:00'"
    " AUTO\n"
    " PARTITIONS 4",
    "ENGINE=InnoDB PARTITION BY SYSTEM_TIME LIMIT 100\n(PARTITION `p0` HISTORY ENGINE = InnoDB,\n"
    " PARTITION `pn` CURRENT ENGINE = InnoDB)",
    "ENGINE=InnoDB\n PARTITION BY RANGE (year(`d`))\n(PARTITION `p0` VALUES LESS THAN (1991) COMMENT = 'DATA'"
    " ENGINE = InnoDB,\n"
    " PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)",
    "ENGINE=InnoDB\n/*!50100 PARTITION BY LIST (`a` + 1)\n(PARTITION data VALUES IN (1,NULL,-2)"
    " MAX_ROWS = 3 ENGINE = InnoDB) */",
    "ENGINE=InnoDB /*!50500 PARTITION BY RANGE  COLUMNS(`a`,b)\nSUBPARTITION BY HASH (to_days(`d`))\nSUBPARTITIONS 2\n"
    "(PARTITION p0 VALUES LESS THAN (1,'x')\n"
    " (SUBPARTITION s0 ENGINE = InnoDB,\n  SUBPARTITION s1 ENGINE = InnoDB)) */",
    "ENGINE=InnoDB PARTITION BY LINEAR KEY ALGORITHM = 2 (`a`) PARTITIONS 8",
    "ENGINE=MEMORY PARTITION BY KEY () (PARTITION p VALUES IN (DEFAULT) ENGINE = MEMORY)",
]
HOSTILE = [
    "ENGINE=InnoDB DATA DIRECTORY='/var/www/other'",
    "ENGINE=MyISAM INDEX DIRECTORY='/tmp'",
    "ENGINE=MyISAM /*!50100 DATA DIRECTORY='/tmp' */",
    "ENGINE=MyISAM /*M!100000 DATA DIRECTORY='/tmp' */",
    "ENGINE=MyISAM /*!80000 INDEX DIRECTORY='/tmp' */",
    "`DATA` DIRECTORY='/tmp'",
    "ENGINE=FEDERATED CONNECTION='mysql://u:p@h/d/t'",
    "ENGINE=InnoDB CONNECTION='x'",
    "ENGINE=MRG_MyISAM UNION=(`a`,`b`)",
    "ENGINE=InnoDB UNION=(`other`.`a`)",
    "ENGINE=CONNECT `TABLE_TYPE`=CSV `FILE_NAME`='/etc/passwd'",
    "ENGINE=CSV",
    "ENGINE=SPIDER COMMENT='host \"h\"'",
    "ENGINE='FEDERATED'",
    "ENGINE=S3",
    "/*!50100 TABLESPACE `innodb_system` */ ENGINE=InnoDB",
    "ENGINE=InnoDB TABLESPACE ts1",
    "ENGINE=InnoDB PARTITION BY HASH (`a`) (PARTITION p0 DATA DIRECTORY = '/tmp' ENGINE = InnoDB)",
    "ENGINE=InnoDB PARTITION BY HASH (`a`) (PARTITION p0 ENGINE = InnoDB INDEX DIRECTORY = '/tmp')",
    "ENGINE=InnoDB PARTITION BY HASH (`a`) (PARTITION p0 ENGINE = FEDERATED)",
    "ENGINE=InnoDB PARTITION BY RANGE (`a`) SUBPARTITION BY HASH (`b`) (PARTITION p0 VALUES LESS THAN (1)"
    " (SUBPARTITION s0 DATA DIRECTORY='/tmp'))",
    "ENGINE=InnoDB PARTITION BY HASH (`a`) /*!50100 (PARTITION p0 /*!99999 TABLESPACE = x */ ENGINE = InnoDB) */",
    "PARTITION BY HASH ((SELECT 1))",
    "AS SELECT * FROM x",
    "SELECT 1",
    "IGNORE SELECT 1",
    "; DROP TABLE x",
]
NOT_UNDERSTOOD = [
    "NEWS=1",
    "ENGINE",
    "COMMENT=(1)",
    "PARTITION BY NEWS (a)",
    "PARTITION BY HASH (sleep(1))",
    "PARTITION BY KEY (f(a))",
]


def judge(text: str) -> None:
    for tokens in list_readings(text.encode(), escapes=True, ansi=False):
        read_table_options(Reading(tokens))


@pytest.mark.parametrize("text", ALLOWED)
def test_options_of_ordinary_tables_pass(text: str) -> None:
    judge(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_leads_out_of_the_database_is_refused(text: str) -> None:
    with pytest.raises(Exception) as caught:
        judge(text)
    assert getattr(caught.value, "hostile", True), caught.value


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_known_is_not_understood(text: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(text)
    assert caught.value.reason
