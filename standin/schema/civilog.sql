-- Log tables, as CiviCRM's detailed logging keeps them in a database of their own. Filled by triggers in civicrm.
CREATE TABLE log_civicrm_contact (
  id INT UNSIGNED, contact_type VARCHAR(64), display_name VARCHAR(255), sort_name VARCHAR(255), first_name VARCHAR(64),
  last_name VARCHAR(64), organization_name VARCHAR(255), is_deleted TINYINT, custom_data LONGTEXT,
  log_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, log_conn_id VARCHAR(17), log_user_id INT,
  log_action ENUM('Initialization', 'Insert', 'Update', 'Delete'), KEY index_id (id), KEY index_log_date (log_date)
) ENGINE=InnoDB;
CREATE TABLE log_civicrm_email (
  id INT UNSIGNED, contact_id INT UNSIGNED, email VARCHAR(254), is_primary TINYINT,
  log_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, log_conn_id VARCHAR(17), log_user_id INT,
  log_action ENUM('Initialization', 'Insert', 'Update', 'Delete'), KEY index_id (id), KEY index_log_date (log_date)
) ENGINE=InnoDB;
CREATE TABLE log_civicrm_phone (
  id INT UNSIGNED, contact_id INT UNSIGNED, phone VARCHAR(255), phone_numeric VARCHAR(255),
  log_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, log_conn_id VARCHAR(17), log_user_id INT,
  log_action ENUM('Initialization', 'Insert', 'Update', 'Delete'), KEY index_id (id), KEY index_log_date (log_date)
) ENGINE=InnoDB;
