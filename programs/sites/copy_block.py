"""What a copy's settings.php says at its very end, after whatever it includes: its own server, and nothing outside."""

import re
from dataclasses import dataclass, field

from programs.sites.php_text import format_string

BEGIN, END = "// civiparoisse: a copy, begin", "// civiparoisse: a copy, end"
COPY_BLOCK = re.compile(rf"\n?{re.escape(BEGIN)}\n.*?{re.escape(END)}\n", re.DOTALL)
TEMPLATE = """{begin}
$civiparoisse_move = function (array &$connections) use (&$civiparoisse_move) {{
  foreach ($connections as &$connection) {{
    if (!is_array($connection)) {{
      continue;
    }}
    if (!isset($connection['database'])) {{
      $civiparoisse_move($connection);
    }}
    elseif (($connection['driver'] ?? 'mysql') !== 'sqlite') {{
      unset($connection['unix_socket']);
      $connection = array_merge($connection, [
        'username' => {user},
        'password' => {password},
        'host' => {host},
        'port' => {port},
      ]);
    }}
  }}
}};
$civiparoisse_move($databases);
unset($civiparoisse_move, $settings['file_public_base_url'], $settings['file_assets_base_url']);
$config['system.mail']['interface'] = ['default' => 'test_mail_collector'];
$config['system.mail']['mailer_dsn'] = ['scheme' => 'null', 'host' => 'null'];
$config['mailsystem.settings']['defaults'] = ['sender' => 'test_mail_collector', 'formatter' => 'test_mail_collector'];
$config['symfony_mailer.settings']['default_transport'] = 'null';
$config['swiftmailer.transport']['transport'] = 'null';
$config['smtp.settings']['smtp_on'] = FALSE;
$config['automated_cron.settings']['interval'] = 0;
{end}
"""


@dataclass(frozen=True)
class NewSite:
    """What the copy must say. ``paths``: absolute directory of the origin, and that of the copy."""

    user: str
    password: str = field(repr=False)
    db_host: str
    db_port: int
    site_host: str
    paths: tuple[tuple[str, str], ...]
    has_address: bool = True  # False: the program reaches the server by a socket; the site may go another way


def make_copy_block(site: NewSite) -> str:
    """Return the PHP text."""
    return TEMPLATE.format(
        begin=BEGIN,
        end=END,
        user=format_string(site.user),
        password=format_string(site.password),
        host=format_string(site.db_host),
        port=format_string(str(site.db_port)),
    )
