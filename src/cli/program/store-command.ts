import type { Define } from './define.ts';

export function defineStoreCommands({ add, addGroup, done, tools }: Define): void {
  const store = addGroup('store', 'where history is kept: copy it to another store');
  add(
    'copy',
    'copy all history into an empty store and compare every row; run it again to resume',
    "firedrill store copy .firedrill/history.db 'postgres://firedrill@db.example.com/firedrill'",
    NOTES,
    store,
  )
    .argument('<from>', 'file or postgres:// URL of the store to copy; stop all processes that use it')
    .argument('<to>', 'file or URL of an empty store, which is created if it does not exist')
    .option('--json', 'as one JSON object', false)
    .action((from: string, to: string, { json }: { json: boolean }) =>
      done(
        import('../commands/store-copy.ts').then(({ storeCopyCommand }) => storeCopyCommand(tools, { from, to, json })),
      ),
    );
}

const NOTES = `
Passwords are read from PGPASSWORD or ~/.pgpass, or from a variable in the URL: 'postgres://firedrill:\${STORE_PASSWORD}@db.example.com/firedrill'.
The store to copy is only read, except that a store from an earlier version of Firedrill is upgraded first, as any command does. Other commands refuse the new store until the copy is complete.

Exit codes:
  0    copied; every row is the same
  2    error, or something was written to the store while it was copied
  64   usage or configuration error`;
