import { expect, test } from "vitest";
import { progressBar } from "./progress-bar";

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) > 0 };
}

test("on a terminal, the progress bar has one line per table, updated in place", () => {
  const terminal = stream(true);
  const bar = progressBar(terminal);
  bar.show("users", 0, 200);
  bar.show("users", 100, 200);
  bar.show("memberships", 0, 0);
  bar.end();
  const [start, half, next, last, end] = terminal.written;
  expect(start).toMatch(/^\rusers {10}░{24} {3}0 % {2}0 of 200/);
  expect(half).toMatch(/^\rusers {10}█{12}░{12} {2}50 % {2}100 of 200/);
  expect([next, end]).toEqual(["\n", "\n"]);
  expect(last).toMatch(/^\rmemberships +█{24} 100 %/);
});

test("without a terminal, the progress bar prints one line per table when it is done", () => {
  const file = stream(false);
  const bar = progressBar(file);
  for (const done of [0, 100, 200]) bar.show("users", done, 200);
  bar.end();
  expect(file.written).toEqual([`users          ${"█".repeat(24)} 100 %  200 of 200\n`]);
});
