/**
 * The port of the app, before Next is loaded: `npm start` and the production image refuse an unusable one in one line. Plain
 * JavaScript, because `next.mjs` runs where the development packages are missing.
 */
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import nextEnv from "@next/env";

/** @param {string} sentence */
export function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Takes PORT also from the env files, which Next reads too late to listen on it, and without the quotes that `docker --env-file`
 * keeps. As elsewhere, an empty value counts as unset; Next would refuse it.
 */
export function setPort() {
  nextEnv.loadEnvConfig(process.cwd(), false, {
    info: () => {},
    error: (...words) => process.stderr.write(`${words.join(" ")}\n`),
  });
  const given = (process.env.PORT ?? "").trim().replace(/^(["'])(.*)\1$/, "$2");
  if (given === "") delete process.env.PORT;
  else if (/^\d{1,5}$/.test(given) && Number(given) > 0 && Number(given) < 65_536)
    process.env.PORT = given;
  else refuse("PORT is not a port number: give one from 1 to 65535, like PORT=3001.");
}

/**
 * Ends with one line if the port is in use or reserved. Next would print a stack.
 * @param {string[]} args the arguments of `next start`
 */
export async function requirePort(args) {
  const text = { type: "string" };
  const options = { port: { ...text, short: "p" }, hostname: { ...text, short: "H" } };
  const { port, hostname } = parseArgs({ args, options, strict: false }).values;
  const wanted = Number(port ?? process.env.PORT ?? "3000");
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) return;
  const error = await new Promise((resolve) => {
    const server = createServer().once("error", resolve);
    server.listen({ port: wanted, host: hostname }, () => server.close(() => resolve(null)));
  });
  const reasons = { EADDRINUSE: "is taken by another program", EACCES: "needs the rights of root" };
  const reason = error && reasons[error.code];
  if (reason) refuse(`Port ${wanted} ${reason}: choose another with PORT, like PORT=3001.`);
}
