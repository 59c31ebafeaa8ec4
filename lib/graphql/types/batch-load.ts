/**
 * Asks once for what the same field asks for many parents. What is gathered in one turn of the event loop belongs together,
 * which is how graphql walks a list; when it is answered, it is gone.
 */
type Gathered<V> = { keys: string[]; values: Promise<Map<string, V>> };

export class Batches<V> {
  readonly #gathering = new WeakMap<object, Map<object, Gathered<V>>>();

  /** `context` is one of a request; `field` is one for all the parents, as its node in the document is. */
  load(
    context: object,
    field: object,
    key: string,
    find: (keys: string[]) => Promise<Map<string, V>>,
  ): Promise<V | undefined> {
    const ofRequest = this.#gathering.get(context) ?? new Map<object, Gathered<V>>();
    this.#gathering.set(context, ofRequest);
    const gathered = ofRequest.get(field) ?? this.#gather(ofRequest, field, find);
    gathered.keys.push(key);
    return gathered.values.then((values) => values.get(key));
  }

  #gather(
    ofRequest: Map<object, Gathered<V>>,
    field: object,
    find: (keys: string[]) => Promise<Map<string, V>>,
  ): Gathered<V> {
    const keys: string[] = [];
    const values = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      ofRequest.delete(field);
      return find(keys);
    });
    const gathered = { keys, values };
    ofRequest.set(field, gathered);
    return gathered;
  }
}
