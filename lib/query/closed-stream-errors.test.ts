import { of } from "rxjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ignoreClosedStreamErrors } from "./closed-stream-errors";

const uncaught: unknown[] = [];
const listener = (error: unknown) => uncaught.push(error);

/** rxjs reports an unhandled error in a timer. */
const reported = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  uncaught.length = 0;
  process.on("uncaughtException", listener);
  ignoreClosedStreamErrors();
});

afterEach(() => {
  process.off("uncaughtException", listener);
});

test("a write to a closed stream is ignored", async () => {
  let write = (_value: string) => {};
  const stream = new ReadableStream<string>({
    start: (controller) => {
      write = (value) => controller.enqueue(value);
    },
  });
  await stream.cancel();
  of("too late").subscribe({ next: (value) => write(value) });
  await reported();
  expect(uncaught).toEqual([]);
});

test("every other unhandled error is still reported", async () => {
  const error = new RangeError("a defect");
  of(1).subscribe({
    next: () => {
      throw error;
    },
  });
  await reported();
  expect(uncaught).toEqual([error]);
});
