import { expect, test } from "vitest";
import { specEvents } from "@/dev/testing/clerk-spec";
import { mirroredEvent } from "./event";
import { eventHandling } from "./event-types";

test("every event of Clerk's description has a fate, and no other has", () => {
  expect(specEvents.length).toBeGreaterThan(40);
  expect(Object.keys(eventHandling).sort()).toEqual(specEvents.sort());
});

test("exactly the mirrored types have a shape", () => {
  const shaped = mirroredEvent.options.flatMap((option) => [...option.shape.type.options]);
  const mirrored = Object.entries(eventHandling).flatMap(([type, fate]) =>
    fate === "mirrored" ? [type] : [],
  );
  expect(shaped.map(String).sort()).toEqual(mirrored.sort());
});
