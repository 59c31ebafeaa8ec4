import { expect, test } from "vitest";
import { LOOPBACK_HOST } from "@/next.config";

test.each([
  "localhost:3000",
  "localhost",
  "localhost.:3000",
  "rollcall.localhost:3000",
  "127.0.0.1:3000",
  "127.8.4.2:3000",
  "0.0.0.0:3000",
  "[::1]:3000",
  "[::]:3000",
  new URL("http://[::ffff:127.0.0.1]:3000").host,
])("LOOPBACK_HOST matches the Host header %s, which names this machine", (host) => {
  expect(host).toMatch(new RegExp(`^${LOOPBACK_HOST}$`));
});

test.each([
  "localhost.example.com",
  "notlocalhost:3000",
  "127.0.0.1.example.com",
  "192.168.0.7:3000",
  "[2001:db8::1]:3000",
  "app.example.com",
  "localhost:3000/@evil.test",
])("LOOPBACK_HOST does not match the Host header %s", (host) => {
  expect(host).not.toMatch(new RegExp(`^${LOOPBACK_HOST}$`));
});
