// `npm run dev` and `npm test` begin here. This file stays in a language that an old Node can read, and loads nothing before
// its checks, so that it can print what is wrong. Everything else is in dev/run/dev-server.ts and dev/run/test-all.ts.
var version = process.versions.node.split(".").map(Number);
var refusal = refuseNode() || refusePath(process.cwd());

if (refusal) {
  console.error(refusal);
  process.exit(1);
} else {
  start().catch((error) => {
    var isMissing = error.code === "ERR_MODULE_NOT_FOUND" && /package/.test(error.message);
    console.error(isMissing ? "The packages are not installed: run npm install first." : error);
    process.exit(1);
  });
}

function refuseNode() {
  if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) return null;
  return `Rollcall needs Node 20.19 or newer and this is ${process.version}: see https://nodejs.org.`;
}

/**
 * Node, Next and Postgres take some characters for parts of a URL or of a shell command, and have limits of length. With a %,
 * only the icon fails: Next decodes its path and answers 400.
 */
function refusePath(path) {
  var found = /[#?%"$`\\]|\p{Cc}/u.exec(path);
  if (found) {
    return `The path of this folder contains ${JSON.stringify(found[0])}, which Next or Postgres cannot take. Move it to a path with letters, digits, spaces and dashes: ${JSON.stringify(path)}`;
  }
  var length = Buffer.byteLength(path);
  if (length <= 512) return null;
  return `The path of this folder is ${length} bytes long, and Next and Postgres take at most 512. Move it to a shorter path.`;
}

async function start() {
  var tsx = await import("tsx/esm/api");
  tsx.register();
  var task = await (process.argv[2] === "test"
    ? import("./run/test-all.ts")
    : import("./run/dev-server.ts"));
  var errors = await import("../lib/errors.ts");
  await errors.runMain(task.main);
}
