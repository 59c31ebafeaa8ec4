// JSON that all resources use: one page of a list, and a deleted object.

export function pageJson<T>(data: readonly T[], total_count: number) {
  return { data, total_count };
}

export function deletedJson(object: string, id: string, extra: { slug?: string } = {}) {
  return { object, id, ...extra, deleted: true };
}
