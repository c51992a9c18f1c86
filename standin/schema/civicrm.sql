-- A small schema in CiviCRM's manner: its table and column names where it has them, every kind of object it uses.
CREATE TABLE civicrm_contact (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_type VARCHAR(64) NOT NULL,
  display_name VARCHAR(255),
  sort_name VARCHAR(255),
  first_name VARCHAR(64),
  last_name VARCHAR(64),
  organization_name VARCHAR(255),
  is_deleted TINYINT NOT NULL DEFAULT 0,
  hash VARBINARY(16),
  custom_data LONGTEXT,
  name_length INT GENERATED ALWAYS AS (CHAR_LENGTH(display_name)) VIRTUAL,
  created_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  modified_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  KEY index_sort_name (sort_name(64)),
  KEY index_contact_type (contact_type)
) ENGINE=InnoDB;
CREATE TABLE civicrm_domain (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  description VARCHAR(255),
  version VARCHAR(32),
  contact_id INT UNSIGNED,
  CONSTRAINT FK_civicrm_domain_contact_id FOREIGN KEY (contact_id) REFERENCES civicrm_contact (id)
) ENGINE=InnoDB;
CREATE TABLE civicrm_email (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_id INT UNSIGNED,
  email VARCHAR(254),
  is_primary TINYINT NOT NULL DEFAULT 1,
  KEY UI_email (email),
  CONSTRAINT FK_civicrm_email_contact_id FOREIGN KEY (contact_id) REFERENCES civicrm_contact (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE civicrm_address (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_id INT UNSIGNED,
  street_number VARCHAR(255),
  street_address VARCHAR(255),
  city VARCHAR(255),
  postal_code VARCHAR(255),
  geo_code_1 DOUBLE,
  geo_code_2 DOUBLE,
  CONSTRAINT FK_civicrm_address_contact_id FOREIGN KEY (contact_id) REFERENCES civicrm_contact (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE civicrm_phone (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_id INT UNSIGNED,
  phone VARCHAR(255),
  phone_numeric VARCHAR(255),
  CONSTRAINT FK_civicrm_phone_contact_id FOREIGN KEY (contact_id) REFERENCES civicrm_contact (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE civicrm_group_contact (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  group_id INT UNSIGNED NOT NULL,
  contact_id INT UNSIGNED NOT NULL,
  status VARCHAR(8),
  UNIQUE KEY UI_contact_group (contact_id, group_id),
  CONSTRAINT FK_civicrm_group_contact_contact_id FOREIGN KEY (contact_id) REFERENCES civicrm_contact (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE TABLE civicrm_activity (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  source_contact_id INT UNSIGNED,
  subject VARCHAR(255),
  details LONGTEXT,
  attachment LONGBLOB,
  activity_date_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT FK_civicrm_activity_contact FOREIGN KEY (source_contact_id) REFERENCES civicrm_contact (id) ON DELETE SET NULL
) ENGINE=InnoDB;
CREATE TABLE civicrm_setting (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  value TEXT,
  domain_id INT UNSIGNED NOT NULL DEFAULT 1,
  UNIQUE KEY index_domain_name (domain_id, name),
  CONSTRAINT FK_civicrm_setting_domain_id FOREIGN KEY (domain_id) REFERENCES civicrm_domain (id)
) ENGINE=InnoDB;
CREATE TABLE civicrm_job (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255),
  run_frequency VARCHAR(8) NOT NULL DEFAULT 'Daily',
  last_run TIMESTAMP NULL DEFAULT NULL,
  is_active TINYINT NOT NULL DEFAULT 1
) ENGINE=InnoDB;
CREATE TABLE civicrm_job_log (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  run_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  job_id INT UNSIGNED,
  name VARCHAR(255),
  description VARCHAR(255),
  data LONGTEXT,
  KEY FK_civicrm_job_log_job_id (job_id)
) ENGINE=InnoDB;
CREATE TABLE civicrm_cache (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  group_name VARCHAR(32) NOT NULL,
  path VARCHAR(255),
  data LONGTEXT,
  expired_date TIMESTAMP NULL DEFAULT NULL
) ENGINE=InnoDB;

CREATE VIEW civicrm_view_members AS
  SELECT contact.id, contact.display_name, email.email FROM civicrm_contact contact
  LEFT JOIN civicrm_email email ON email.contact_id = contact.id AND email.is_primary = 1
  WHERE contact.is_deleted = 0;
-- A list of tables: MySQL tells it otherwise once it has loaded its own text.
CREATE VIEW civicrm_view_phones AS
  SELECT contact.display_name, phone.phone FROM civicrm_contact contact, civicrm_phone phone
  WHERE phone.contact_id = contact.id;

DELIMITER $$
CREATE FUNCTION civicrm_strip_non_numeric(input VARCHAR(255)) RETURNS VARCHAR(255) DETERMINISTIC NO SQL
BEGIN
  DECLARE output VARCHAR(255) DEFAULT '';
  DECLARE position INT DEFAULT 1;
  IF input IS NULL THEN RETURN NULL; END IF;
  WHILE position <= CHAR_LENGTH(input) DO
    IF SUBSTRING(input, position, 1) BETWEEN '0' AND '9' THEN
      SET output = CONCAT(output, SUBSTRING(input, position, 1));
    END IF;
    SET position = position + 1;
  END WHILE;
  RETURN output;
END$$
CREATE TRIGGER civicrm_phone_before_insert BEFORE INSERT ON civicrm_phone FOR EACH ROW
  SET NEW.phone_numeric = civicrm_strip_non_numeric(NEW.phone)$$
CREATE TRIGGER civicrm_phone_before_update BEFORE UPDATE ON civicrm_phone FOR EACH ROW
  SET NEW.phone_numeric = civicrm_strip_non_numeric(NEW.phone)$$
CREATE TRIGGER civicrm_contact_after_insert AFTER INSERT ON civicrm_contact FOR EACH ROW
  INSERT INTO civilog.log_civicrm_contact (id, contact_type, display_name, sort_name, first_name, last_name,
    organization_name, is_deleted, custom_data, log_conn_id, log_action)
  VALUES (NEW.id, NEW.contact_type, NEW.display_name, NEW.sort_name, NEW.first_name, NEW.last_name,
    NEW.organization_name, NEW.is_deleted, NEW.custom_data, CONNECTION_ID(), 'Insert')$$
CREATE TRIGGER civicrm_contact_after_update AFTER UPDATE ON civicrm_contact FOR EACH ROW
  INSERT INTO civilog.log_civicrm_contact (id, contact_type, display_name, sort_name, first_name, last_name,
    organization_name, is_deleted, custom_data, log_conn_id, log_action)
  VALUES (NEW.id, NEW.contact_type, NEW.display_name, NEW.sort_name, NEW.first_name, NEW.last_name,
    NEW.organization_name, NEW.is_deleted, NEW.custom_data, CONNECTION_ID(), 'Update')$$
CREATE TRIGGER civicrm_contact_after_delete AFTER DELETE ON civicrm_contact FOR EACH ROW
  INSERT INTO civilog.log_civicrm_contact (id, contact_type, display_name, log_conn_id, log_action)
  VALUES (OLD.id, OLD.contact_type, OLD.display_name, CONNECTION_ID(), 'Delete')$$
CREATE TRIGGER civicrm_email_after_insert AFTER INSERT ON civicrm_email FOR EACH ROW
  INSERT INTO civilog.log_civicrm_email (id, contact_id, email, is_primary, log_conn_id, log_action)
  VALUES (NEW.id, NEW.contact_id, NEW.email, NEW.is_primary, CONNECTION_ID(), 'Insert')$$
CREATE TRIGGER civicrm_email_after_update AFTER UPDATE ON civicrm_email FOR EACH ROW
  INSERT INTO civilog.log_civicrm_email (id, contact_id, email, is_primary, log_conn_id, log_action)
  VALUES (NEW.id, NEW.contact_id, NEW.email, NEW.is_primary, CONNECTION_ID(), 'Update')$$
CREATE TRIGGER civicrm_email_after_delete AFTER DELETE ON civicrm_email FOR EACH ROW
  INSERT INTO civilog.log_civicrm_email (id, contact_id, email, is_primary, log_conn_id, log_action)
  VALUES (OLD.id, OLD.contact_id, OLD.email, OLD.is_primary, CONNECTION_ID(), 'Delete')$$
CREATE TRIGGER civicrm_phone_after_insert AFTER INSERT ON civicrm_phone FOR EACH ROW
  INSERT INTO civilog.log_civicrm_phone (id, contact_id, phone, phone_numeric, log_conn_id, log_action)
  VALUES (NEW.id, NEW.contact_id, NEW.phone, NEW.phone_numeric, CONNECTION_ID(), 'Insert')$$
CREATE EVENT civicrm_purge_cache ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY DO
  DELETE FROM civicrm_cache WHERE expired_date < NOW()$$
DELIMITER ;
