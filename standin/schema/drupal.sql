-- The tables of Drupal that the manager and its proofs look at.
CREATE TABLE users_field_data (
  uid INT UNSIGNED NOT NULL,
  langcode VARCHAR(12) CHARACTER SET ascii NOT NULL,
  name VARCHAR(60) NOT NULL,
  pass VARCHAR(255),
  mail VARCHAR(254),
  status TINYINT NOT NULL,
  created INT NOT NULL,
  access INT NOT NULL,
  login INT,
  PRIMARY KEY (uid, langcode),
  UNIQUE KEY user__name (name, langcode)
) ENGINE=InnoDB;
CREATE TABLE config (
  collection VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  name VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  data LONGBLOB,
  PRIMARY KEY (collection, name)
) ENGINE=InnoDB;
CREATE TABLE key_value (
  collection VARCHAR(128) CHARACTER SET ascii NOT NULL DEFAULT '',
  name VARCHAR(128) CHARACTER SET ascii NOT NULL DEFAULT '',
  value LONGBLOB NOT NULL,
  PRIMARY KEY (collection, name)
) ENGINE=InnoDB;
CREATE TABLE cache_default (
  cid VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' PRIMARY KEY,
  data LONGBLOB,
  expire BIGINT NOT NULL DEFAULT 0,
  created DECIMAL(14, 3) NOT NULL DEFAULT 0.000,
  KEY expire (expire)
) ENGINE=InnoDB;
CREATE TABLE cache_render LIKE cache_default;
