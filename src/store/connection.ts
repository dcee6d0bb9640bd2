// What SQLite and PostgreSQL have in common: a connection that runs SQL, one statement at a time.
// Whatever fails is thrown as the driver threw it; `store-errors.ts` makes it something to act on.

export type Value = string | number | null;
/** Kysely asks PostgreSQL's catalogue with booleans; no column of ours holds one. */
export type Parameter = Value | boolean;
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
  query(sql: string, parameters: readonly Parameter[]): Promise<QueryOutcome>;
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

/** SQL over rows of input. */
export type BulkStatement = {
  /** How many columns a row of input has. */
  readonly width: number;
  readonly sqlite: string;
  readonly postgres: string;
};

type Columns = Readonly<Record<string, ColumnType>>;

/**
 * Prepares SQL in which `@input` is a table with these columns, each called `input.NAME`. On PostgreSQL
 * the statement runs once, with an array for each column. On SQLite it runs once for each row, with
 * parameters where the columns stand: that takes a few microseconds, and less than a join would.
 * The text says `from @input where` or `from @input cross join`.
 */
export function bulkStatement(columns: Columns, sql: string): BulkStatement {
  return {
    width: Object.keys(columns).length,
    sqlite: withParameters(
      columns,
      sql.replaceAll('@input cross join ', '').replaceAll(/\bfrom @input\s+where\b/g, 'where'),
    ),
    postgres: sql.replaceAll('@input', arrays(columns)),
  };
}

/**
 * The same for new rows of a table. `more` are columns whose values are SQL; `conflict` says what is to
 * be done about rows that are there.
 */
export function insertStatement(
  table: string,
  columns: Columns,
  conflict: string,
  more: Readonly<Record<string, string>> = {},
): BulkStatement {
  const names = [...Object.keys(columns), ...Object.keys(more)].join(', ');
  const values = [
    ...Object.keys(columns).map((name) => `input.${name}`),
    ...Object.values(more),
  ].join(', ');
  const into = `insert into ${table} (${names})`;
  return {
    width: Object.keys(columns).length,
    sqlite: withParameters(columns, `${into} values (${values}) ${conflict}`),
    postgres: `${into} select ${values} from ${arrays(columns)} ${conflict}`,
  };
}

/** What a row that is there takes over from a new one. */
export function excluded(columns: readonly string[]): string {
  return columns.map((name) => `${name} = excluded.${name}`).join(', ');
}

function withParameters(columns: Columns, sql: string): string {
  const names = Object.keys(columns);
  return sql.replaceAll(/\binput\.(\w+)/g, (_, name: string) => `?${names.indexOf(name) + 1}`);
}

function arrays(columns: Columns): string {
  const lists = Object.values(columns).map(
    (type, index) => `$${index + 1}::${type === 'text' ? 'text' : 'bigint'}[]`,
  );
  return `unnest(${lists.join(', ')}) as input(${Object.keys(columns).join(', ')})`;
}
