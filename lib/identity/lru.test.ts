import { expect, test } from "vitest";
import { Lru } from "./lru";

test("beyond its capacity, the least recently used is forgotten", () => {
  const forgotten: string[] = [];
  const lru = new Lru<number>(2, (key) => forgotten.push(key));
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([1, undefined, 3]);
  lru.clear();
  expect([forgotten, lru.size]).toEqual([["b", "a", "c"], 0]);
});
