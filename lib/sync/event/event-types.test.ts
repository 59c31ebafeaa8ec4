import { expect, test } from "vitest";
import { specEvents } from "@/dev/testing/clerk-spec";
import { mirroredEvent } from "./event";
import { eventHandling } from "./event-types";

test("eventHandling has exactly the event types of Clerk's webhook description", () => {
  expect(specEvents.length).toBeGreaterThan(40);
  expect(Object.keys(eventHandling).sort()).toEqual(specEvents.sort());
});

test("mirroredEvent has a schema for exactly the event types that eventHandling marks as mirrored", () => {
  const shaped = mirroredEvent.options.flatMap((option) => [...option.shape.type.options]);
  const mirrored = Object.entries(eventHandling).flatMap(([type, handling]) =>
    handling === "mirrored" ? [type] : [],
  );
  expect(shaped.map(String).sort()).toEqual(mirrored.sort());
});
