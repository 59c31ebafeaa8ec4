// Runs the Express server and Vite in one process. Two terminals, or a tool such as concurrently, do as well.

import "./server.js";
import { createServer } from "vite";

const vite = await createServer();
await vite.listen();
vite.printUrls();
