/**
 * Search by words: each word must occur in the stored normal form of the row's names. Postgres computes the normal form of the
 * words and of the names with the same function. So case, accents, apostrophes, ligatures and invisible characters do not matter.
 */
import { LRUCache } from "lru-cache";
import pg from "pg";
import { z } from "zod";
import { database, transaction } from "../../db";
import { graphQLError } from "../errors";

const MAX_WORDS = 8;
const MAX_QUERY_LENGTH = 200;

/** The maximum number of normalized words that are compared: normalization can turn one character into several words. */
const MAX_NORMAL_WORDS = 4 * MAX_WORDS;

const forms = z.tuple([z.object({ form: z.string() })]);

async function readForm(text: string): Promise<string> {
  const [{ form }] = forms.parse(
    await database().prisma.$queryRaw`SELECT search_form(${text}) AS form`,
  );
  return form;
}

/**
 * Caches the search form of each text, which never changes. Holds promises, so that parallel fields with the same text share one
 * statement.
 */
const cache = new LRUCache<string, Promise<string>>({ max: 1_000 });

function searchForm(text: string): Promise<string> {
  const cached = cache.get(text);
  if (cached) return cached;
  const form = readForm(text);
  cache.set(text, form);
  form.catch(() => cache.delete(text));
  return form;
}

/** Escapes the wildcards of LIKE, which Prisma does not do. */
const escapeLike = (text: string) => text.replace(/[\\%_]/g, "\\$&");

export type Search = {
  /** The words in normal form. */
  forms: string[];
  /** One Prisma filter for each word, which must occur in the column `search`. */
  words: { search: { contains: string } }[];
  /** The whole search text if it may be an id, or else null. */
  id: string | null;
  /** The digits of the search text if it may be a phone number, or else null. */
  digits: string | null;
};

/** A number of fewer digits would match too many others. */
const MIN_DIGITS = 6;

/**
 * Returns the digits of a phone number, or null if the text is none. Numbers are stored as `+12025550123`, but are typed and printed
 * with separators, and with a trunk prefix in place of the country code: `(0)` or `0`.
 */
function phoneDigits(text: string): string | null {
  if (!/^[+(\d][\d\s()./-]*$/.test(text)) return null;
  const digits = text.replace("(0)", "").replaceAll(/\D/g, "").replace(/^0+/, "");
  return digits.length < MIN_DIGITS ? null : digits;
}

/** Parses a search text. Null if it has no visible characters. @throws GraphQLError for too many words or characters. */
export async function parseSearch(query: string | null | undefined): Promise<Search | null> {
  // Postgres refuses U+0000 and lone surrogates.
  const text = query?.toWellFormed().replaceAll("\u0000", " ").trim() ?? "";
  const typed = text.split(/\s+/).filter(Boolean);
  if ((query?.length ?? 0) > MAX_QUERY_LENGTH || typed.length > MAX_WORDS) {
    throw graphQLError(
      "BAD_USER_INPUT",
      `Search for at most ${MAX_WORDS} words with ${MAX_QUERY_LENGTH} characters in total.`,
    );
  }
  if (typed.length === 0) return null;
  const words = new Set((await searchForm(text)).split(" ").filter(Boolean));
  if (words.size === 0) return null;
  const forms = [...words].slice(0, MAX_NORMAL_WORDS);
  return {
    forms,
    words: forms.map((word) => ({ search: { contains: escapeLike(word) } })),
    id: typed.length === 1 ? text : null,
    digits: phoneDigits(text),
  };
}

/** Returns Prisma's filter for rows that contain every word or the phone number, or that have this id. */
export function matching({ words, id, digits }: Search) {
  return {
    OR: [
      { AND: words },
      ...(id === null ? [] : [{ id }]),
      ...(digits === null ? [] : [{ search: { contains: digits } }]),
    ],
  };
}

/**
 * Returns the filter for a viewer who may read only the profile of these users: their name, username and primary e-mail address.
 * The column `search` also has their phone numbers, other addresses and the team's own id, which a viewer could guess letter by letter.
 */
export function matchingProfile({ words, id }: Search) {
  const found = words.map(({ search }) => ({
    OR: [
      { sortName: search },
      { sortEmail: search },
      { username: { ...search, mode: "insensitive" as const } },
    ],
  }));
  return { OR: [{ AND: found }, ...(id === null ? [] : [{ id }])] };
}

/**
 * The minimum number of letters of a word that is compared by similarity. A shorter word has too few trigrams, and must occur
 * exactly.
 */
const FUZZY_LETTERS = 4;
const SIMILAR_ROWS = 25;
/**
 * The minimum word similarity, from 0 to 1. A common mistyping such as "okafro" still has about half of the trigrams of "okafor".
 */
const THRESHOLD = 0.4;
/** The maximum time of the search for similar rows, in ms. If the search takes longer, the result has no similar rows. */
const SIMILAR_TIMEOUT_MS = 150;

const similarRows = z.array(z.object({ id: z.string() }));

/**
 * Called when the normal search matches nothing. Finds the ids of rows whose words are similar to every word of the search
 * (pg_trgm's word similarity), the most similar first. Empty where the database lacks pg_trgm, and after
 * {@link SIMILAR_TIMEOUT_MS}.
 */
async function findSimilar(table: "users" | "organizations", { forms }: Search): Promise<string[]> {
  const fuzzy = forms.filter((form) => form.length >= FUZZY_LETTERS);
  if (fuzzy.length === 0) return [];
  const values = forms.map((form) => (fuzzy.includes(form) ? form : `%${escapeLike(form)}%`));
  const conditions = forms.map((form, index) =>
    fuzzy.includes(form) ? `$${index + 1} <% t.search` : `t.search LIKE $${index + 1}`,
  );
  const similarity = forms.flatMap((form, index) =>
    fuzzy.includes(form) ? [`word_similarity($${index + 1}, t.search)`] : [],
  );
  try {
    return await transaction(async (db) => {
      await db.query("SELECT set_config($1, $2, true), set_config('statement_timeout', $3, true)", [
        "pg_trgm.word_similarity_threshold",
        String(THRESHOLD),
        String(SIMILAR_TIMEOUT_MS),
      ]);
      const { rows } = await db.query(
        `SELECT t.id FROM ${table} t WHERE ${conditions.join(" AND ")} AND NOT t.deleted AND t.version > 0
         ORDER BY ${similarity.join(" + ")} DESC, t.id LIMIT ${SIMILAR_ROWS}`,
        values,
      );
      return similarRows.parse(rows).map(({ id }) => id);
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && SIMILARITY_UNAVAILABLE.has(error.code ?? ""))
      return [];
    throw error;
  }
}

/**
 * Postgres errors on which the search returns no similar rows. query_canceled: the timeout. undefined_function and
 * undefined_object: the database lacks pg_trgm.
 */
const SIMILARITY_UNAVAILABLE = new Set(["57014", "42883", "42704"]);

type Found<Row> = {
  edges: { cursor: string; node: Row }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor?: string | undefined;
    endCursor?: string | undefined;
  };
  isWhole: boolean;
  count: (limit?: number) => Promise<number>;
};

/**
 * Returns the result of a search, or similar rows if the search matched nothing. `read` reads rows by their ids, with the list's
 * own filter.
 */
export async function addSimilar<Row extends { id: string }>(
  found: Found<Row>,
  search: Search | null,
  table: "users" | "organizations",
  read: (ids: string[]) => Promise<Row[]>,
): Promise<Found<Row> & { isSimilar: boolean }> {
  const { hasNextPage, hasPreviousPage } = found.pageInfo;
  const isEmpty = found.edges.length === 0 && !hasNextPage && !hasPreviousPage;
  const ids = search && isEmpty ? await findSimilar(table, search) : [];
  if (ids.length === 0) return { ...found, isSimilar: false };
  const rows = new Map((await read(ids)).map((row) => [row.id, row]));
  const edges = ids.flatMap((id) => {
    const node = rows.get(id);
    return node ? [{ cursor: "", node }] : [];
  });
  return { ...found, edges, count: async () => edges.length, isSimilar: edges.length > 0 };
}

/** The description of the field `isSimilar`, whose value comes from {@link addSimilar}. */
export const SIMILAR =
  "True when no row matches the search, and these rows, on one page, are similar to it.";

export const OR_SIMILAR = "Return similar rows when no row matches the search. See `isSimilar`.";
