import { existsSync } from 'node:fs';

/** Whether this host has a MariaDB server for the local runtime: CI's Debian has 10.11. */
export const hasHostMariadb = existsSync('/usr/sbin/mariadbd');
