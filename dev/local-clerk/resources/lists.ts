// The shapes that many nouns share: a page of a list, and what is left of something deleted.

export function pageJson<T>(data: readonly T[], total_count: number) {
  return { data, total_count };
}

export function deletedJson(object: string, id: string, extra: { slug?: string } = {}) {
  return { object, id, ...extra, deleted: true };
}
