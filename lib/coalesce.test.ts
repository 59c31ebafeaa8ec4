import { describe, expect, test } from "vitest";
import { coalesce, singleFlight } from "./coalesce";

/** Creates work whose runs the test settles by hand. `runs` lists the runs in the order in which they started. */
function manualWork() {
  const runs: { key: unknown; end: (result: string) => void; fail: (error: Error) => void }[] = [];
  const work = (key: unknown) =>
    new Promise<string>((end, fail) => {
      runs.push({ key, end, fail });
    });
  return { runs, work };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("singleFlight", () => {
  test("singleFlight: concurrent calls with the same key share a run, and a call after the run starts a new one", async () => {
    const { runs, work } = manualWork();
    const find = singleFlight(work);
    const [first, second] = [find("a"), find("a")];
    expect(runs).toHaveLength(1);
    runs[0]?.end("one");
    expect(await Promise.all([first, second])).toEqual(["one", "one"]);
    const third = find("a");
    runs[1]?.end("two");
    expect(await third).toBe("two");
  });

  test("singleFlight: calls with different keys do not wait for each other", async () => {
    const { runs, work } = manualWork();
    const find = singleFlight(work);
    void find("a");
    const b = find("b");
    runs[1]?.end("of b");
    expect(await b).toBe("of b");
  });

  test("singleFlight: a failed run rejects for every caller that shares it, and for no later caller", async () => {
    const { runs, work } = manualWork();
    const find = singleFlight(work);
    const [first, second] = [find("a"), find("a")];
    runs[0]?.fail(new Error("refused"));
    await expect(first).rejects.toThrow("refused");
    await expect(second).rejects.toThrow("refused");
    const third = find("a");
    runs[1]?.end("well");
    expect(await third).toBe("well");
  });

  test("singleFlight: callers during a run get the promise that `share` returned, even after that promise resolves", async () => {
    const { runs, work } = manualWork();
    const find = singleFlight(work, () => Promise.resolve("later"));
    expect(await find("a")).toBe("later");
    expect(await find("a")).toBe("later");
    expect(runs).toHaveLength(1);
    runs[0]?.end("done");
    await settled();
    void find("a");
    expect(runs).toHaveLength(2);
  });
});

describe("coalesce", () => {
  test("coalesce: any number of calls during a run cause one more run after it", async () => {
    const { runs, work } = manualWork();
    const refresh = coalesce(() => work(undefined));
    refresh();
    refresh();
    refresh();
    expect(runs).toHaveLength(1);
    runs[0]?.end("");
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.end("");
    await settled();
    expect(runs).toHaveLength(2);
  });

  test("coalesce: later runs start after a failed run", async () => {
    const { runs, work } = manualWork();
    const refresh = coalesce(() => work(undefined));
    refresh();
    runs[0]?.fail(new Error("refused"));
    await settled();
    refresh();
    expect(runs).toHaveLength(2);
  });
});
