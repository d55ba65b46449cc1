import { mariadbFlavor, mysqlFlavor } from '../../src/engines/mysql/flavor.ts';
import { bootServer as bootMysql } from '../../src/engines/mysql/server/boot.ts';
import { bootServer as bootPostgres } from '../../src/engines/postgres/server/boot.ts';
import { engineOf } from '../../src/engines/registry.ts';
import type { EngineUnderTest } from '../contracts/engine-contract.ts';
import { startSandbox as startMysqlBox } from './mysql/restoring.ts';
import { engine as postgresEngine, startSandbox as startPostgresBox } from './postgres/restoring.ts';

type Runtime = 'docker' | 'local';

const lines = (statements: readonly string[]): string => statements.map((statement) => `${statement};\n`).join('\n');

export function postgresSubject(runtime: Runtime, major: string): EngineUnderTest {
  return {
    name: `Postgres ${major} (${runtime})`,
    engine: postgresEngine,
    major,
    startSandbox: () => startPostgresBox(runtime, major),
    boot: bootPostgres,
    dumpOf: (statements) =>
      `--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version ${major}.1\n-- Dumped by pg_dump version ${major}.1\n\nSET client_encoding = 'UTF8';\n${lines(statements)}`,
    lastLine: '--\n-- PostgreSQL database dump complete\n--\n',
    clientCommand: '\\! true',
    query: (sql) => ['psql', '-Atc', sql],
    networkClient:
      'psql "host={host} port={port} user={user} password={password} dbname={database}" -v ON_ERROR_STOP=1 -Atc',
  };
}

export function mysqlSubject(runtime: Runtime, server: string): EngineUnderTest {
  const [type, major = ''] = server.split(':');
  const isMysql = type === 'mysql';
  const header = isMysql
    ? `-- MySQL dump 10.13  Distrib ${major}.1, for Linux (x86_64)`
    : `/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-${major}.1-MariaDB, for debian-linux-gnu (x86_64)`;
  return {
    name: `${isMysql ? 'MySQL' : 'MariaDB'} ${major} (${runtime})`,
    engine: engineOf(isMysql ? 'mysql' : 'mariadb'),
    major,
    startSandbox: () => startMysqlBox({ runtime, server }),
    boot: (sandbox, options) => bootMysql(sandbox, isMysql ? mysqlFlavor : mariadbFlavor, options),
    dumpOf: (statements) =>
      `${header}\n--\n-- Host: localhost    Database: shop\n-- ------------------------------------------------------\n-- Server version\t${major}.1${isMysql ? '' : '-MariaDB'}\n\n/*!40101 SET NAMES utf8mb4 */;\n/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n${lines(statements)}`,
    lastLine: '-- Dump completed on 2026-11-20 03:00:00',
    clientCommand: '\\! true',
    query: (sql) => [isMysql ? 'mysql' : 'mariadb', '-NBe', sql],
    networkClient: `MYSQL_PWD={password} ${isMysql ? 'mysql' : 'mariadb'} --protocol=tcp -h {host} -P {port} -u {user} -NB {database} -e`,
  };
}
