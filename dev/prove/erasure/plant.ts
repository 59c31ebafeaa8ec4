/** An edit of a source text that plants a fault. */
export type Edit = { target: string; out: string; in: string };

/** Replaces lines that must occur exactly once: an edit that matches nothing would leave a mutant without its fault. */
export function plant(source: string, { target, out, in: put }: Edit): string {
  if (!out || source.split(out).length !== 2)
    throw new Error(`lines to remove must occur exactly once in ${target}: ${out}`);
  return source.replace(out, () => put);
}
