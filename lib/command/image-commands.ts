/** The commands that the production image has besides `web`: all that an operator needs. Each is a file of this folder. */
export const imageCommands = [
  "worker",
  "ingest",
  "ws",
  "migrate",
  "doctor",
  "sync",
  "replay",
  "effects",
  "feed",
  "erasure",
  "archive",
  "admin",
] as const;
