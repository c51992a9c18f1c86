<?php $app_root = $argv[1]; $site_path = 'default'; $databases = []; $_SERVER['REMOTE_ADDR'] = '127.0.0.1';
include "$app_root/default/settings.php"; echo "$argv[1] uses port ", $databases['default']['default']['port'], "\n";
