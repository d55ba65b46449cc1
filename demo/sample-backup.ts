import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Row, SAMPLE_ROWS, type SampleOptions, type SampleTable } from './sample-rows.ts';

/**
 * Writes a backup of a small web shop in the plain format of pg_dump 18, compressed with gzip. For the made-up data,
 * see sample-rows.ts.
 */
export async function writeSampleBackup(file: string, options: SampleOptions): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await pipeline(Readable.from(shopDump(options)), createGzip(), createWriteStream(file));
}

/** As in `shop-2026-11-20T031500Z.sql.gz`, where `takenAt: name` reads the instant. */
export function sampleName(prefix: string, takenAt: Date): string {
  return `${prefix}-${takenAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.sql.gz`;
}

const TABLES = {
  customer: [
    'id integer NOT NULL',
    'name text NOT NULL',
    'email text NOT NULL',
    'created_at timestamp with time zone NOT NULL',
  ],
  product: ['id integer NOT NULL', 'name text NOT NULL', 'price numeric(10,2) NOT NULL'],
  orders: ['id integer NOT NULL', 'customer_id integer NOT NULL', 'placed_at timestamp with time zone NOT NULL'],
  order_line: [
    'order_id integer NOT NULL',
    'line integer NOT NULL',
    'product_id integer NOT NULL',
    'quantity integer NOT NULL',
  ],
  payment: [
    'id integer NOT NULL',
    'order_id integer NOT NULL',
    'amount numeric(10,2) NOT NULL',
    'paid_at timestamp with time zone NOT NULL',
  ],
} as const satisfies Record<SampleTable, readonly string[]>;

const AFTER_DATA = [
  'ALTER TABLE ONLY public.customer ADD CONSTRAINT customer_pkey PRIMARY KEY (id);',
  'ALTER TABLE ONLY public.product ADD CONSTRAINT product_pkey PRIMARY KEY (id);',
  'ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);',
  'ALTER TABLE ONLY public.order_line ADD CONSTRAINT order_line_pkey PRIMARY KEY (order_id, line);',
  'ALTER TABLE ONLY public.payment ADD CONSTRAINT payment_pkey PRIMARY KEY (id);',
  'CREATE UNIQUE INDEX customer_email_key ON public.customer USING btree (email);',
  'CREATE INDEX orders_placed_at_idx ON public.orders USING btree (placed_at);',
  'ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(id);',
  'ALTER TABLE ONLY public.order_line ADD CONSTRAINT order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);',
  'ALTER TABLE ONLY public.payment ADD CONSTRAINT payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);',
];

function* shopDump(options: SampleOptions): Generator<string> {
  yield [
    '--\n-- PostgreSQL database dump\n--\n',
    '-- Dumped from database version 18.4\n-- Dumped by pg_dump version 18.4\n',
    'SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET idle_in_transaction_session_timeout = 0;',
    "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;",
    "SELECT pg_catalog.set_config('search_path', '', false);\nSET check_function_bodies = false;",
    'SET client_min_messages = warning;\nSET row_security = off;\n',
    "SET default_tablespace = '';\nSET default_table_access_method = heap;\n\n",
  ].join('\n');
  for (const [table, columns] of Object.entries(TABLES)) {
    yield `CREATE TABLE public.${table} (\n    ${columns.join(',\n    ')}\n);\n\nALTER TABLE public.${table} OWNER TO shop;\n\n`;
  }
  for (const [table, rowsOf] of Object.entries(SAMPLE_ROWS)) yield* copy(table as SampleTable, rowsOf(options));
  yield `${AFTER_DATA.join('\n\n')}\n\n--\n-- PostgreSQL database dump complete\n--\n\n`;
}

function* copy(table: SampleTable, rows: Iterable<Row>): Generator<string> {
  const columns = TABLES[table].map((column) => column.split(' ')[0]).join(', ');
  yield `COPY public.${table} (${columns}) FROM stdin;\n`;
  for (const row of rows) yield `${row.map(asText).join('\t')}\n`;
  yield '\\.\n\n\n';
}

function asText(value: Row[number]): string | number {
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '+00') : value;
}
