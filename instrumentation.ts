/** Next calls this once, when the server starts: first the environment is checked, then the worker starts beside the app. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { boot } = await import("./lib/boot");
    boot();
    const { workInApp } = await import("./lib/worker/in-app");
    workInApp();
  }
}
