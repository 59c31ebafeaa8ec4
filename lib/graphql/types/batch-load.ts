/**
 * One DataLoader for each field of a request: one query then loads the field for all parent objects. The key of a loader is the
 * field's node in the query document, which all parents share. The field's name cannot be the key, because the same field with
 * other arguments loads other rows.
 */
import DataLoader from "dataloader";

type Load<V> = (keys: readonly string[]) => Promise<Map<string, V>>;

export class FieldLoaders<V> {
  readonly #loaders = new WeakMap<object, Map<object, DataLoader<string, V | undefined>>>();

  /**
   * Resolves to the value of `key`; undefined if `load` returned no value for it. `load` is called once, with the keys of all
   * parents. `context` is the request's context, and `field` identifies the field, usually by its node.
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
