"""The configuration and the command of an instance's web server."""

from pathlib import Path

from domain.specs import InstanceSpec, Prefork
from engine.local.layout import Layout
from engine.local.ports import LOOPBACK
from engine.local.vendor import WebPrograms

ACCESS_LOG = "access.log"
MODULES = ("mpm_prefork", "authz_core", "alias", "dir", "env", "headers", "mime", "reqtimeout")
# What starts or signals programs, makes links, or changes what a program that PHP starts itself would load. Second to
# the instance's own account, and no wall where there is none.
DISABLED_FUNCTIONS = (
    *("exec", "passthru", "shell_exec", "system", "popen", "proc_open", "proc_nice", "proc_terminate", "dl"),
    *("pcntl_exec", "pcntl_fork", "pcntl_alarm", "pcntl_signal", "pcntl_setpriority"),
    *("posix_kill", "posix_mkfifo", "posix_setuid", "posix_setgid", "posix_seteuid", "posix_setegid", "posix_setsid"),
    *("link", "symlink", "putenv", "apache_setenv", "virtual"),
)
UPLOAD_BYTES = 3 * 1024**2  # docs/domain.md#images: upload limit 3M


def find_access_log(layout: Layout) -> Path:
    """Return where every request is written down."""
    return layout.path("log") / ACCESS_LOG


def make_apache_configuration(
    spec: InstanceSpec, layout: Layout, port: int, *, web: Path, programs: WebPrograms
) -> str:
    """Return the whole configuration. `web`: directory of the page's program. Files that visitors uploaded are
    served as they are: no PHP, no .htaccess, no index; nothing else of the volumes is served."""
    prefork, run, files = spec.plan.prefork, layout.path("run"), layout.path("files")
    memory = spec.plan.containers["httpd"].memory_limit_bytes // max(prefork.max_request_workers, 1)
    open_basedir = f"{web}:{files}:{layout.path('private')}:{run}"
    lines = [
        f'ServerRoot "{layout.path("config")}"',
        f"ServerName {spec.host}",
        f'PidFile "{run}/httpd.pid"',
        f'DefaultRuntimeDir "{run}"',
        f'PHPIniDir "{layout.path("config")}"',
        f"Listen {LOOPBACK}:{port}",
        *_make_module_lines(programs),
        *_make_prefork_lines(prefork),
        f'ErrorLog "{layout.path("log")}/httpd.log"',
        # The combined format, of which engine.access_log reads the time and the User-Agent, and how long it took.
        f'CustomLog "{find_access_log(layout)}" "%h - - %t \\"%r\\" %>s %O \\"-\\" \\"%{{User-Agent}}i\\" %D"',
        "ServerTokens Prod",
        "ServerSignature Off",
        "TraceEnable Off",
        "Timeout 60",
        "KeepAlive Off",
        "UseCanonicalName On",
        f'SetEnv FILES_DIR "{files}"',
        f'SetEnv PRIVATE_DIR "{layout.path("private")}"',
        *_make_place_lines(web, uploads=files / "default" / "files"),
        *_make_php_lines(open_basedir=open_basedir, run=run, memory_bytes=memory),
    ]
    return "\n".join(lines) + "\n"


def make_php_settings() -> str:
    """Return the php.ini: what PHP reads nowhere else. The machine's extensions are loaded beside it."""
    return f"disable_functions = {','.join(DISABLED_FUNCTIONS)}\n"


def _make_module_lines(programs: WebPrograms) -> list[str]:
    modules = [(name, programs.modules / f"mod_{name}.so") for name in MODULES]
    lines = [f'LoadModule {name}_module "{path}"' for name, path in modules if path.exists()]
    types = ['TypesConfig "/etc/mime.types"'] if Path("/etc/mime.types").exists() else []
    return [*lines, f'LoadModule php_module "{programs.php_module}"', *types]


def _make_prefork_lines(prefork: Prefork) -> list[str]:
    return [
        f"ListenBacklog {max(prefork.listen_backlog, 1)}",
        f"StartServers {prefork.start_servers}",
        f"MinSpareServers {prefork.min_spare_servers}",
        f"MaxSpareServers {prefork.max_spare_servers}",
        f"ServerLimit {prefork.server_limit}",
        f"MaxRequestWorkers {prefork.max_request_workers}",
        f"MaxConnectionsPerChild {prefork.max_connections_per_child}",
    ]


def _make_place_lines(web: Path, *, uploads: Path) -> list[str]:
    return [
        "<Directory />",
        "  AllowOverride None",
        "  Require all denied",
        "  Options None",
        "</Directory>",
        f'DocumentRoot "{web}"',
        f'<Directory "{web}">',
        "  Require all granted",
        "  DirectoryIndex index.php",
        # The page's other programs are parts of it, not pages. Inside the directory: an upload may be called index.php.
        '  <FilesMatch "\\.php$">',
        "    Require all denied",
        "  </FilesMatch>",
        '  <FilesMatch "^index\\.php$">',
        "    Require all granted",
        "    SetHandler application/x-httpd-php",
        "  </FilesMatch>",
        "</Directory>",
        f'Alias "/sites/default/files" "{uploads}"',
        f'<Directory "{uploads}">',
        "  Require all granted",
        "  SetHandler default-handler",
        "  php_admin_flag engine off",
        '  Header always set X-Content-Type-Options "nosniff"',
        '  Header always set Content-Security-Policy "sandbox"',
        "</Directory>",
    ]


def _make_php_lines(*, open_basedir: str, run: Path, memory_bytes: int) -> list[str]:
    values = {
        "open_basedir": open_basedir,
        "upload_tmp_dir": str(run),
        "sys_temp_dir": str(run),
        "session.save_path": str(run),
        "upload_max_filesize": UPLOAD_BYTES,
        "post_max_size": 2 * UPLOAD_BYTES,
        "memory_limit": memory_bytes,
        "error_log": f"{run.parent}/log/php.log",
    }
    flags = {"expose_php": "off", "display_errors": "off", "log_errors": "on", "allow_url_include": "off"}
    lines = [f'php_admin_value {name} "{value}"' for name, value in values.items()]
    return lines + [f"php_admin_flag {name} {value}" for name, value in flags.items()]


def make_apache_command(layout: Layout, programs: WebPrograms) -> list[str]:
    """Return the command line: in the foreground, so that the launcher's record is the server's."""
    return [programs.server, "-f", f"{layout.path('config')}/httpd.conf", "-DFOREGROUND"]
