// Runs the Express server and Vite in one process. An app can also use two terminals, or a tool such as concurrently.

import "./server.js";
import { createServer } from "vite";

const vite = await createServer();
await vite.listen();
vite.printUrls();
