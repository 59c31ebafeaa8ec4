import { PHASE_PRODUCTION_BUILD, PHASE_PRODUCTION_SERVER } from "next/constants";
import { afterEach, expect, test, vi } from "vitest";
import configIn from "@/next.config";

afterEach(() => vi.unstubAllEnvs());

test("two builds with the same BUILD_ID have the same build id and deployment id", async () => {
  vi.stubEnv("BUILD_ID", "0f3c9a");
  const [first, second] = [configIn(PHASE_PRODUCTION_BUILD), configIn(PHASE_PRODUCTION_BUILD)];
  expect(await first.generateBuildId?.()).toBe("0f3c9a");
  expect(first.deploymentId).toBe("0f3c9a");
  expect(second.deploymentId).toBe(first.deploymentId);
});

test("without BUILD_ID, Next makes the build id, and there is no deployment id", async () => {
  vi.stubEnv("BUILD_ID", "");
  const config = configIn(PHASE_PRODUCTION_BUILD);
  expect([await config.generateBuildId?.(), config.deploymentId]).toEqual([null, undefined]);
});

test("only the build makes the standalone folder, because next start warns about it", () => {
  expect(configIn(PHASE_PRODUCTION_BUILD).output).toBe("standalone");
  expect(configIn(PHASE_PRODUCTION_SERVER).output).toBeUndefined();
});
