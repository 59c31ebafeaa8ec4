import { expect, test } from "vitest";
import { specEvents } from "@/dev/testing/clerk-spec";
import { mirroredEvent } from "./event";
import { eventHandling } from "./event-types";

test("eventHandling has exactly the event types of Clerk's description", () => {
  expect(specEvents.length).toBeGreaterThan(40);
  expect(Object.keys(eventHandling).sort()).toEqual(specEvents.sort());
});

test("exactly the mirrored event types have a schema", () => {
  const shaped = mirroredEvent.options.flatMap((option) => [...option.shape.type.options]);
  const mirrored = Object.entries(eventHandling).flatMap(([type, handling]) =>
    handling === "mirrored" ? [type] : [],
  );
  expect(shaped.map(String).sort()).toEqual(mirrored.sort());
});
