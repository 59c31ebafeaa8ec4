/** SQL expressions that find the id or an e-mail address of a subject in stored text. */

/** The format 'escape' leaves ASCII unchanged, doubles backslashes, and accepts bytes that are not valid text. */
const asText = (bytes: string) => `lower(encode(${bytes}, 'escape'))`;

/**
 * What stands around an id or an address, so that ann@example.com is not found in joann@example.com or ann@example.com.au. Before
 * it, JSON may have an escaped character such as \n or \u003c.
 */
const BEFORE = String.raw`(^|[^a-z0-9._%+-]|\\(n|r|t|b|f|u00[0-9a-f]{2}|[0-7]{3}))`;
const AFTER = "($|[^a-z0-9.-]|[.-]($|[^a-z0-9]))";
const MENTION = asText("convert_to(mention, 'UTF8')");

/** A subquery that returns a row for the subject's id and each of its addresses that `bytes`, an SQL expression, contains. */
export const mentionsIn = (
  bytes: string,
) => `SELECT FROM unnest(subject.id || subject.addresses) AS mention
  WHERE position(${MENTION} IN ${asText(bytes)}) > 0
    AND ${asText(bytes)} ~ ('${BEFORE}' || regexp_replace(${MENTION}, '([^a-z0-9@_])', '\\\\\\1', 'g') || '${AFTER}')`;

/** The bytes of a text that is encoded like the parameters of a URL: `%40` is `@`, and `+` is a space. */
export const urlDecoded = (text: string) => `coalesce((
  SELECT string_agg(CASE WHEN part[1] ~ '^%.' THEN decode(substr(part[1], 2), 'hex') ELSE convert_to(part[1], 'UTF8') END, '' ORDER BY place)
  FROM regexp_matches(replace(${text}, '+', ' '), '%[0-9a-fA-F]{2}|[^%]+|%', 'g') WITH ORDINALITY AS parts (part, place)), '')`;
