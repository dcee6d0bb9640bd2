// DuckDB's part of the benchmark: how often one event name occurs in the files of a folder.
//
//   node duckdb.ts detected|columns|lines FOLDER
//
// `detected` lets DuckDB find out the files' schema, as one would type it; `columns` tells it the one
// field that is asked for, so that it need not look at others; `lines` says besides that each file is
// one line, which is true of CloudTrail's own files and not of unpacked ones.

import { argv } from 'node:process';
import { countedEvent } from './corpus.ts';

const [, , wanted, folder] = argv;
if (folder === undefined) throw new Error('usage: duckdb.ts detected|columns|lines FOLDER');

const eventName = `columns = {Records: 'STRUCT(eventName VARCHAR)[]'}`;
const options: Readonly<Record<string, string>> = {
  detected: '',
  columns: `, ${eventName}`,
  lines: `, ${eventName}, format = 'newline_delimited', maximum_object_size = 33554432`,
};
const files = `${folder}/**/*.json.gz`.replaceAll("'", "''");
const sql = `
  SELECT count(*)
  FROM (SELECT unnest(Records) AS record FROM read_json('${files}'${options[wanted ?? ''] ?? ''}))
  WHERE record.eventName = '${countedEvent}'`;

type DuckDb = {
  readonly DuckDBInstance: {
    create(
      path: string,
      options: Readonly<Record<string, string>>,
    ): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{ getRows(): readonly (readonly unknown[])[] }>;
      }>;
    }>;
  };
};

// By way of a variable, because the package is not there for whoever checks the project's types.
const packageName: string = '@duckdb/node-api';
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of it that is used here
const { DuckDBInstance } = (await import(packageName)) as DuckDb;
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(sql);
console.log(String(reader.getRows()[0]?.[0]));
