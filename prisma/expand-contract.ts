/**
 * Refuses a migration that the previous version of the app may not survive. A deployment migrates first, while the previous version
 * still runs, so a migration may only *expand*: add what the previous version does not know. It *contracts* when it removes, renames
 * or tightens something that the previous version may use. That is allowed only once a released version does not use it any more,
 * which the migration says in a comment:
 *
 *   -- contract: users.search unused since 0.1.0
 *
 * Postgres' own parser reads the statements. Migrations of the first release are not checked: there was no version before it.
 */
import { readFileSync } from "node:fs";
import { parse } from "libpg-query";
import { z } from "zod";
import type { Migration } from "./migrate";

/** `what` is a verb phrase; `object` is the name that the comment must give, such as `users.search`. */
export type Contraction = { object: string; what: string };

const release = z.object({ version: z.string(), lastMigration: z.string(), commit: z.string() });
export type Release = z.output<typeof release>;

/** The released versions, the oldest first, each with the last migration that it has. */
export function readReleases(): Release[] {
  const file = new URL("./releases.json", import.meta.url);
  return z
    .array(release)
    .min(1)
    .parse(JSON.parse(readFileSync(file, "utf8")));
}

const text = z.object({ String: z.object({ sval: z.string() }) });
const relation = z.object({ relname: z.string() });
const constraint = z.object({ Constraint: z.object({ contype: z.string() }) });
const command = z.object({
  AlterTableCmd: z.object({
    subtype: z.string(),
    name: z.string().optional(),
    def: z
      .object({
        ColumnDef: z
          .object({ colname: z.string().optional(), constraints: z.array(constraint).default([]) })
          .optional(),
        Constraint: z
          .object({
            contype: z.string(),
            conname: z.string().optional(),
            keys: z.array(text).default([]),
            fk_attrs: z.array(text).default([]),
          })
          .optional(),
      })
      .optional(),
  }),
});
const dropped = z.object({
  List: z.object({ items: z.array(text) }).optional(),
  TypeName: z.object({ names: z.array(text) }).optional(),
  ObjectWithArgs: z.object({ objname: z.array(text) }).optional(),
  String: text.shape.String.optional(),
});

/** The statements that matter here. A statement of another kind parses to an empty object. */
const statement = z.object({
  AlterTableStmt: z.object({ relation, cmds: z.array(command) }).optional(),
  DropStmt: z.object({ removeType: z.string(), objects: z.array(dropped) }).optional(),
  RenameStmt: z
    .object({
      renameType: z.string(),
      relation: relation.optional(),
      subname: z.string().optional(),
      newname: z.string(),
    })
    .optional(),
  AlterObjectSchemaStmt: z.object({ newschema: z.string() }).optional(),
  TruncateStmt: z.object({ relations: z.array(z.object({ RangeVar: relation })) }).optional(),
  GrantStmt: z.object({ is_grant: z.boolean().default(false) }).optional(),
  DoStmt: z
    .object({ args: z.array(z.object({ DefElem: z.object({ arg: text.partial().optional() }) })) })
    .optional(),
  CreateStmt: z.object({ relation }).optional(),
  ViewStmt: z.object({ view: relation }).optional(),
  IndexStmt: z
    .object({
      relation,
      idxname: z.string().optional(),
      unique: z.boolean().default(false),
      indexParams: z.array(z.object({ IndexElem: z.object({ name: z.string().optional() }) })),
    })
    .optional(),
  CreateFunctionStmt: z.object({ funcname: z.array(text) }).optional(),
  CreateTrigStmt: z.object({ trigname: z.string(), relation }).optional(),
  CreatePolicyStmt: z.object({ policy_name: z.string(), table: relation }).optional(),
});
type Statement = z.output<typeof statement>;

const tree = z.object({ stmts: z.array(z.object({ stmt: statement })).default([]) });

async function statementsOf(sql: string): Promise<Statement[]> {
  return tree.parse(await parse(sql)).stmts.map(({ stmt }) => stmt);
}

const namesOf = (names: z.output<typeof text>[]) => names.map(({ String: { sval } }) => sval);
const dotted = (names: z.output<typeof text>[]) => namesOf(names).join(".");

/** Returns the name of what a statement creates, as a DROP statement would name it. */
function createdBy(made: Statement): string | undefined {
  const { CreateStmt, ViewStmt, IndexStmt, CreateFunctionStmt } = made;
  const { CreateTrigStmt: trigger, CreatePolicyStmt: policy } = made;
  if (CreateFunctionStmt) return dotted(CreateFunctionStmt.funcname);
  if (trigger) return `${trigger.relation.relname}.${trigger.trigname}`;
  if (policy) return `${policy.table.relname}.${policy.policy_name}`;
  return CreateStmt?.relation.relname ?? ViewStmt?.view.relname ?? IndexStmt?.idxname;
}

/** Constraints with which a row that the previous version writes may be refused. */
const TIGHTENING = new Set([
  "CONSTR_NOTNULL",
  "CONSTR_CHECK",
  "CONSTR_UNIQUE",
  "CONSTR_PRIMARY",
  "CONSTR_FOREIGN",
  "CONSTR_EXCLUSION",
]);

/** Constraints that give a column a value, so that an INSERT may leave it out. */
const FILLING = new Set(["CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY"]);

type Command = z.output<typeof command>["AlterTableCmd"];

const kindsOf = ({ def }: Command) =>
  (def?.ColumnDef?.constraints ?? []).map(({ Constraint: { contype } }) => contype);

const isFilled = (command: Command) => kindsOf(command).some((kind) => FILLING.has(kind));

/** The columns that a migration adds, as `table.column`; `filled` are those that have a value when an INSERT leaves them out. */
type Added = { all: Set<string>; filled: Set<string> };

function addedColumns(statements: Statement[]): Added {
  const added: Added = { all: new Set(), filled: new Set() };
  for (const { AlterTableStmt: alter } of statements) {
    for (const { AlterTableCmd: command } of alter?.cmds ?? []) {
      if (command.subtype !== "AT_AddColumn") continue;
      const column = `${alter?.relation.relname}.${command.def?.ColumnDef?.colname}`;
      added.all.add(column);
      if (isFilled(command)) added.filled.add(column);
    }
  }
  return added;
}

/** True if the previous version knows none of these columns, so that it writes null into them, which no key refuses. */
const areNew = (table: string, columns: (string | undefined)[], { all }: Added) =>
  columns.length > 0 && columns.every((column) => all.has(`${table}.${column}`));

/** Returns what an ALTER TABLE command does to the previous version, or undefined. `added` are the columns that are new. */
function contractionOf(table: string, command: Command, added: Added): Contraction | undefined {
  const { subtype, name = "", def } = command;
  const column = def?.ColumnDef?.colname ?? name;
  const object = `${table}.${column}`;
  switch (subtype) {
    case "AT_DropColumn":
      return { object, what: "drops a column" };
    case "AT_AlterColumnType":
      return { object, what: "changes the type of a column" };
    case "AT_SetNotNull":
      return added.filled.has(object) ? undefined : { object, what: "makes a column NOT NULL" };
    case "AT_ColumnDefault":
      return def ? undefined : { object, what: "drops a default" };
    case "AT_AddColumn":
      return kindsOf(command).includes("CONSTR_NOTNULL") && !isFilled(command)
        ? { object, what: "adds a column that is NOT NULL without a default" }
        : undefined;
    case "AT_DropConstraint":
      return { object: `${table}.${name}`, what: "drops a constraint, which ON CONFLICT may name" };
    case "AT_AddConstraint": {
      const { contype = "", conname = "", keys = [], fk_attrs: own = [] } = def?.Constraint ?? {};
      return TIGHTENING.has(contype) && !areNew(table, namesOf([...keys, ...own]), added)
        ? { object: `${table}.${conname}`, what: "adds a constraint" }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Text of a DO block, which the parser does not read: any of these words may contract. */
const SUSPECT = /\b(DROP|RENAME|REVOKE|TRUNCATE)\b|\bSET\s+NOT\s+NULL\b/i;

/** Renaming these is not visible to the app. */
const INVISIBLE = new Set(["OBJECT_INDEX", "OBJECT_TABCONSTRAINT"]);

/**
 * Returns what the migration removes, renames or tightens. What it creates itself may also be dropped by it, or have any
 * constraint; a table may be renamed if the migration creates another in its place. `uniqueIndexes` are the names of all unique indexes, because ON CONFLICT needs them.
 */
export async function findContractions(
  sql: string,
  uniqueIndexes: Set<string> = new Set(),
): Promise<Contraction[]> {
  const statements = await statementsOf(sql);
  const created = new Set(statements.map(createdBy).filter((name) => name !== undefined));
  const added = addedColumns(statements);
  const ofStatement = (made: Statement): Contraction[] => {
    const { AlterTableStmt, DropStmt, RenameStmt, IndexStmt } = made;
    if (AlterTableStmt) {
      const table = AlterTableStmt.relation.relname;
      if (created.has(table)) return [];
      return AlterTableStmt.cmds.flatMap(
        ({ AlterTableCmd }) => contractionOf(table, AlterTableCmd, added) ?? [],
      );
    }
    if (DropStmt) {
      const { removeType, objects } = DropStmt;
      const kind = removeType.replace("OBJECT_", "").toLowerCase();
      return objects
        .map(({ List, TypeName, ObjectWithArgs, String: single }) =>
          dotted(
            List?.items ??
              TypeName?.names ??
              ObjectWithArgs?.objname ??
              (single ? [{ String: single }] : []),
          ),
        )
        .filter((object) => !created.has(object))
        .filter((object) => kind !== "index" || uniqueIndexes.has(object))
        .map((object) => ({ object, what: `drops a ${kind}` }));
    }
    if (RenameStmt && !INVISIBLE.has(RenameStmt.renameType)) {
      const { relation: renamed, subname, newname } = RenameStmt;
      const object = [renamed?.relname, subname].filter(Boolean).join(".") || newname;
      return created.has(object) ? [] : [{ object, what: "renames" }];
    }
    if (IndexStmt?.unique && !created.has(IndexStmt.relation.relname)) {
      const columns = IndexStmt.indexParams.map(({ IndexElem: { name } }) => name);
      if (areNew(IndexStmt.relation.relname, columns, added)) return [];
      return [{ object: IndexStmt.idxname ?? "", what: "adds a unique index" }];
    }
    if (made.TruncateStmt) {
      return made.TruncateStmt.relations.map(({ RangeVar }) => ({
        object: RangeVar.relname,
        what: "empties a table",
      }));
    }
    if (made.AlterObjectSchemaStmt) {
      return [{ object: made.AlterObjectSchemaStmt.newschema, what: "moves to a schema" }];
    }
    if (made.GrantStmt && !made.GrantStmt.is_grant) return [{ object: "grant", what: "revokes" }];
    const isSuspect = made.DoStmt?.args.some(({ DefElem: { arg } }) =>
      SUSPECT.test(arg?.String?.sval ?? ""),
    );
    return isSuspect ? [{ object: "do", what: "drops, renames or tightens in a DO block" }] : [];
  };
  return statements.flatMap(ofStatement);
}

/** Returns the names of the unique indexes that these migrations create. */
async function findUniqueIndexes(migrations: Migration[]): Promise<Set<string>> {
  const all = await Promise.all(migrations.map(({ sql }) => statementsOf(sql)));
  return new Set(
    all.flat().flatMap(({ IndexStmt }) => (IndexStmt?.unique && IndexStmt.idxname) || []),
  );
}

/** Returns the version since which the object is unused, as the migration says. */
function unusedSince(sql: string, object: string): string | undefined {
  const said = sql.matchAll(/^-- contract: (\S+) unused since (\S+)$/gm);
  return [...said].find(([, name]) => name === object)?.[2];
}

function refusalOf(
  { name, sql }: Migration,
  { object, what }: Contraction,
  releases: Release[],
): string | undefined {
  const version = unusedSince(sql, object);
  const since = releases.find((each) => each.version === version);
  if (since && since.lastMigration < name) return undefined;
  const reason = version ? `${version} is no released version of prisma/releases.json` : what;
  return `${name}: ${object} (${reason}). The previous version may use it while this migration runs. Expand first; contract in a release after one that does not use it, with the comment \`-- contract: ${object} unused since VERSION\`.`;
}

/** Returns a message for each statement that the previous version may not survive. */
export async function findRefusedContractions(
  migrations: Migration[],
  releases: Release[] = readReleases(),
): Promise<string[]> {
  const first = releases[0]?.lastMigration ?? "";
  const uniqueIndexes = await findUniqueIndexes(migrations);
  const refusals: string[] = [];
  for (const migration of migrations.filter(({ name }) => name > first)) {
    for (const contraction of await findContractions(migration.sql, uniqueIndexes)) {
      const refusal = refusalOf(migration, contraction, releases);
      if (refusal) refusals.push(refusal);
    }
  }
  return refusals;
}
