// Runs the Express server and Vite in one process. Other apps may start them in two terminals, or with a tool such as
// concurrently.

import "./server.js";
import { createServer } from "vite";

const vite = await createServer();
await vite.listen();
vite.printUrls();
