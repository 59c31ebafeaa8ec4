/**
 * One DataLoader for each field of a request, so that a field that many parents have costs one query. The loader is stored under
 * the field's node in the document, which all parents share, because the same field with other arguments loads other rows.
 */
import DataLoader from "dataloader";

type Load<V> = (keys: readonly string[]) => Promise<Map<string, V>>;

export class FieldLoaders<V> {
  readonly #loaders = new WeakMap<object, Map<object, DataLoader<string, V | undefined>>>();

  /**
   * `context` is the request's context. `load` is called once with the keys of all parents. Resolves to undefined for a key that
   * `load` returned no value for.
   */
  load(context: object, field: object, key: string, load: Load<V>): Promise<V | undefined> {
    const ofRequest = this.#loaders.get(context) ?? new Map();
    this.#loaders.set(context, ofRequest);
    const loader =
      ofRequest.get(field) ??
      new DataLoader<string, V | undefined>(async (keys) => {
        const values = await load(keys);
        return keys.map((key) => values.get(key));
      });
    ofRequest.set(field, loader);
    return loader.load(key);
  }
}
