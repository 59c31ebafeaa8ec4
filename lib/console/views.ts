/**
 * Saved views of the console's lists: the parameters of a list's URL under a name. Shared views may be changed by every platform
 * admin, others by their owner. A change names the version that it replaces, so no change is lost. The caller checks that the
 * viewer is a platform admin.
 */
import { z } from "zod";
import { database } from "../db";
import { visibleText } from "../format";
import type { ConsoleView } from "../generated/prisma/client";

/** The lists of the console that have views. */
export const consoleLists = [
  "users",
  "organizations",
  "members",
  "invitations",
  "deliveries",
  "audit",
  "erasures",
] as const;
export type ConsoleListName = (typeof consoleLists)[number];

const MAX_VIEWS = 200;

/** URL parameters that a saved view does not keep: the page of the list, and the row in the side sheet. */
const OF_A_PAGE = ["after", "before", "from", "show"];

/** A name without a visible character is refused: its link would have no text. */
const name = z
  .string()
  .transform((text) => text.replaceAll(/\p{Cc}/gu, " ").trim())
  .refine((text) => visibleText(text) !== null && text.length <= 80);

/**
 * Normalizes the parameters of a list's URL, and removes those in `OF_A_PAGE`. The text is not a whole URL, so `?` and `#` belong
 * to values.
 */
const parameters = z
  .string()
  .max(4_000)
  .transform((text) => {
    const search = new URLSearchParams(text.replaceAll("\u0000", "").toWellFormed());
    for (const each of OF_A_PAGE) search.delete(each);
    return search.toString();
  });

export type ViewFields = { name: string; parameters: string; isShared: boolean };

export type ViewResult =
  | { kind: "saved"; view: ConsoleView }
  | { kind: "deleted" }
  /**
   * The view has changed since this admin read it. `current` is null if the view was deleted, or is no longer shared with this
   * admin.
   */
  | { kind: "conflict"; current: ConsoleView | null }
  | { kind: "refused"; reason: "name" | "parameters" | "too-many" };

function parseFields(fields: ViewFields) {
  const [parsedName, parsed] = [
    name.safeParse(fields.name),
    parameters.safeParse(fields.parameters),
  ];
  if (!parsedName.success) return { refused: "name" as const };
  if (!parsed.success) return { refused: "parameters" as const };
  return {
    fields: { name: parsedName.data, parameters: parsed.data, isShared: fields.isShared },
  };
}

export async function createView(
  ownerId: string,
  list: ConsoleListName,
  given: ViewFields,
): Promise<ViewResult> {
  const { fields, refused } = parseFields(given);
  if (!fields) return { kind: "refused", reason: refused };
  const { consoleView } = database().prisma;
  if ((await consoleView.count({ where: { ownerId } })) >= MAX_VIEWS)
    return { kind: "refused", reason: "too-many" };
  const view = await consoleView.create({ data: { ...fields, list, ownerId, updatedBy: ownerId } });
  return { kind: "saved", view };
}

const mayChange = (userId: string) => ({ OR: [{ ownerId: userId }, { isShared: true }] });

async function conflictOf(userId: string, id: string): Promise<ViewResult> {
  const current = await database().prisma.consoleView.findFirst({
    where: { id, ...mayChange(userId) },
  });
  return { kind: "conflict", current };
}

/**
 * Changes a view if `version` is still its current version. Only the owner can change whether the view is shared: for others,
 * `isShared` is ignored.
 */
export async function updateView(
  userId: string,
  id: string,
  version: number,
  given: ViewFields,
): Promise<ViewResult> {
  const { fields, refused } = parseFields(given);
  if (!fields) return { kind: "refused", reason: refused };
  const { isShared, ...changed } = fields;
  const { consoleView } = database().prisma;
  const [view] = await consoleView.updateManyAndReturn({
    where: { id, version, ...mayChange(userId) },
    data: { ...changed, version: { increment: 1 }, updatedBy: userId, updatedAt: new Date() },
  });
  if (!view) return conflictOf(userId, id);
  if (view.ownerId !== userId || view.isShared === isShared) return { kind: "saved", view };
  return { kind: "saved", view: await consoleView.update({ where: { id }, data: { isShared } }) };
}

export async function deleteView(userId: string, id: string, version: number): Promise<ViewResult> {
  const { count } = await database().prisma.consoleView.deleteMany({
    where: { id, version, ...mayChange(userId) },
  });
  return count === 1 ? { kind: "deleted" } : conflictOf(userId, id);
}

/** Stores how a user laid out a list: its columns, density and page size. */
export async function rememberLayout(
  userId: string,
  list: ConsoleListName,
  given: string,
): Promise<boolean> {
  const parsed = parameters.safeParse(given);
  if (!parsed.success) return false;
  const data = { parameters: parsed.data };
  await database().prisma.consoleLayout.upsert({
    where: { userId_list: { userId, list } },
    create: { userId, list, ...data },
    update: data,
  });
  return true;
}
