/** Counts the SQL statements that the benchmarked code sends. */
import pg from "pg";

/** `sent`: the number of statements since it was set to 0, except statements that begin, set up or end a transaction. */
export const statements = { sent: 0 };

/** Starts counting, for all connections of this process. Call once. */
export function countStatements(): void {
  const send = pg.Client.prototype.query;
  pg.Client.prototype.query = new Proxy(send, {
    apply(target, client, args: unknown[]) {
      const [first] = args;
      const text = typeof first === "object" && first !== null ? Reflect.get(first, "text") : first;
      if (!/^\s*(BEGIN|COMMIT|ROLLBACK)|set_config|pg_notify|announce_heartbeat/.test(String(text)))
        statements.sent += 1;
      return Reflect.apply(target, client, args);
    },
  });
}
