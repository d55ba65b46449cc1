/** Kinds of objects in a database's schema, as people call them. */
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
  /** Name of the table or view that it is a part of. */
  readonly table: string | undefined;
  /** For people: `numeric(10,2) not null`. Empty where there is nothing to say but its name. */
  readonly definition: string;
  /** The code of a view, routine or trigger: compared, never shown, because it may hold data and secrets. */
  readonly body: string | undefined;
}
