/**
 * Search by words: each word must occur in the stored normal form of the row's names. Postgres computes the normal form of both
 * with the same function, so case, accents, apostrophes, ligatures and invisible characters do not matter.
 */
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { database } from "../../db";
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

export type Search = {
  /** One Prisma filter for each word, which must occur in the column `search`. */
  words: { search: { contains: string } }[];
  /** The whole search text if it may be an id, or else null. */
  id: string | null;
};

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
  return {
    words: [...words].slice(0, MAX_NORMAL_WORDS).map((word) => ({
      // Prisma does not escape the wildcards of LIKE.
      search: { contains: word.replace(/[\\%_]/g, "\\$&") },
    })),
    id: typed.length === 1 ? text : null,
  };
}

/** Prisma's filter for rows that contain every word, or that have this id. */
export function matching({ words, id }: Search) {
  return { OR: [{ AND: words }, ...(id === null ? [] : [{ id }])] };
}
