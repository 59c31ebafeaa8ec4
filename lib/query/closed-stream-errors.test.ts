import { of } from "rxjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ignoreClosedStreamErrors } from "./closed-stream-errors";

const uncaught: unknown[] = [];
const listener = (error: unknown) => uncaught.push(error);

/** rxjs tells of what nobody caught with a timer of its own. */
const told = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  uncaught.length = 0;
  process.on("uncaughtException", listener);
  ignoreClosedStreamErrors();
});

afterEach(() => {
  process.off("uncaughtException", listener);
});

test("who writes to a stream whose reader has left ends nothing", async () => {
  let write = (_value: string) => {};
  const stream = new ReadableStream<string>({
    start: (controller) => {
      write = (value) => controller.enqueue(value);
    },
  });
  await stream.cancel();
  of("too late").subscribe({ next: (value) => write(value) });
  await told();
  expect(uncaught).toEqual([]);
});

test("any other error that nobody caught is still told", async () => {
  const error = new RangeError("of ours");
  of(1).subscribe({
    next: () => {
      throw error;
    },
  });
  await told();
  expect(uncaught).toEqual([error]);
});
