/** Kinds of objects in a database's schema, by their usual names. */
export type SchemaObjectKind =
  | 'schema'
  | 'extension'
  | 'table'
  | 'foreign table'
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'type'
  | 'column'
  | 'index'
  | 'constraint'
  | 'policy'
  | 'rule'
  | 'trigger'
  | 'event trigger'
  | 'event'
  | 'function'
  | 'procedure'
  | 'aggregate'
  | 'package'
  | 'language'
  | 'definer'
  | 'foreign server'
  | 'publication'
  | 'subscription';

/**
 * One object of a database's schema. Two restores of the same schema give the same objects: nothing in them depends on OIDs, statistics, the order of
 * creation, the data, the minor version of the server, or the users that restored it.
 */
export interface SchemaObject {
  readonly kind: SchemaObjectKind;
  /** Unique within its kind: `public.orders`, `public.orders.total`. */
  readonly name: string;
  /** Name of the table or view that it belongs to. */
  readonly table: string | undefined;
  /** Human-readable: `numeric(10,2) not null`. Empty if there is nothing to add to the name. */
  readonly definition: string;
  /** The code of a view, routine or trigger: compared, but never shown, because it may contain data and secrets. */
  readonly body: string | undefined;
}
