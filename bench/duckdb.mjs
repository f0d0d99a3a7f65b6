// The narrow job in DuckDB: successful sign-ins by account and address; inbox rules; addresses with ten failures then a success.
import { DuckDBInstance } from '@duckdb/node-api';
const [file, threads] = process.argv.slice(2);
const db = await (await DuckDBInstance.create(':memory:', { threads })).connect();
await db.run(`CREATE TABLE ual AS SELECT * FROM read_ndjson('${file.replaceAll("'", "''")}', columns = {CreationTime: 'VARCHAR', Operation: 'VARCHAR',
  UserId: 'VARCHAR', ClientIP: 'VARCHAR', ErrorNumber: 'VARCHAR', ObjectId: 'VARCHAR'}, maximum_object_size = 16777216)`);
const signIns = await db.runAndReadAll(`SELECT UserId, ClientIP, min(CreationTime), max(CreationTime), count(*) FROM ual WHERE Operation = 'UserLoggedIn' GROUP BY ALL`);
const rules = await db.runAndReadAll(`SELECT * FROM ual WHERE Operation LIKE '%InboxRule%'`);
const guessed = await db.runAndReadAll(`SELECT ClientIP FROM ual GROUP BY ClientIP HAVING count(*) FILTER (Operation = 'UserLoginFailed') >= 10 AND
  max(CreationTime) FILTER (Operation = 'UserLoggedIn') > min(CreationTime) FILTER (Operation = 'UserLoginFailed')`);
console.log(signIns.getRows().length, rules.getRows().length, guessed.getRows().length);
