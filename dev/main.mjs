// Entry point of `npm run dev` and `npm test`. Uses only syntax that an old Node can parse, so that it can report a Node that
// is too old. Everything else is in dev/run/dev-server.ts and dev/run/test-all.ts.
var version = process.versions.node.split(".").map(Number);

if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) {
  start().catch((error) => {
    var isMissing = error.code === "ERR_MODULE_NOT_FOUND" && /package/.test(error.message);
    console.error(isMissing ? "The packages are not installed: run npm install first." : error);
    process.exit(1);
  });
} else {
  console.error(
    `Rollcall needs Node 20.19 or newer and this is ${process.version}: see https://nodejs.org.`,
  );
  process.exit(1);
}

async function start() {
  var tsx = await import("tsx/esm/api");
  tsx.register();
  var task = await (process.argv[2] === "test"
    ? import("./run/test-all.ts")
    : import("./run/dev-server.ts"));
  await task.main();
}
