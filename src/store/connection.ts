// What SQLite and PostgreSQL have in common: a connection that runs SQL, one statement at a time.
// Whatever fails is thrown as the driver threw it; `store-errors.ts` makes it something to act on.

export type Value = string | number | null;
export type Row = { readonly [column: string]: Value };

/** How the two write SQL where they differ. */
export type Dialect = 'sqlite' | 'postgres';

export type QueryOutcome = {
  readonly rows: readonly Row[];
  /** Rows that a change touched; 0 for a statement that only reads. */
  readonly affected: number;
};

export type Connection = {
  readonly dialect: Dialect;
  /** One statement with parameters as the dialect numbers them: `?1` or `$1`. */
  query(sql: string, parameters: readonly Value[]): Promise<QueryOutcome>;
  /** A statement for many rows of input, as few round trips as can be. */
  readonly queryMany: (
    statement: BulkStatement,
    input: readonly (readonly Value[])[],
  ) => Promise<readonly Row[]>;
};

/** A database as its two forms offer it: work in a transaction, and reading beside it. */
export type Database = {
  readonly dialect: Dialect;
  /** All or nothing. The work may be run several times; see `Store.transaction`. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** For statements that only read; sees what has been committed, as of some moment each. */
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export type ColumnType = 'text' | 'integer';

/** SQL over rows of input, which it names `@input`; the same text serves both dialects. */
export type BulkStatement = {
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  readonly sqlite: string;
  readonly postgres: string;
};

/**
 * Prepares SQL in which `@input` is a table with these columns. On SQLite the statement runs once for
 * each row, which costs a few microseconds; on PostgreSQL once, with an array for each column.
 */
export function bulkStatement(
  columns: Readonly<Record<string, ColumnType>>,
  sql: string,
): BulkStatement {
  const entries = Object.entries(columns);
  const values = entries.map(([name], index) => `?${index + 1} as ${name}`).join(', ');
  const arrays = entries
    .map(([, type], index) => `$${index + 1}::${type === 'text' ? 'text' : 'bigint'}[]`)
    .join(', ');
  const names = entries.map(([name]) => name).join(', ');
  return {
    columns: entries,
    sqlite: sql.replaceAll('@input', `(select ${values}) as input`),
    postgres: sql.replaceAll('@input', `unnest(${arrays}) as input(${names})`),
  };
}
