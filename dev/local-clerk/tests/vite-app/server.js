import { clerkMiddleware, getAuth } from "@clerk/express";
import { verifyWebhook } from "@clerk/express/webhooks";
import express from "express";

const app = express();
/** The events whose signature was valid. The test reads them. */
const events = [];

app.post("/api/webhooks", express.raw({ type: "application/json" }), async (request, response) => {
  try {
    events.push(await verifyWebhook(request));
    response.sendStatus(204);
  } catch {
    response.status(400).send("Invalid signature");
  }
});

app.get("/api/webhooks", (_request, response) => {
  response.json(events);
});

app.use(clerkMiddleware());

app.get("/api/me", (request, response) => {
  response.json({ userId: getAuth(request).userId });
});

app.listen(Number(process.env.API_PORT ?? 3001), "localhost");
