/** The findings of Health, as the console shows them. */
import { findHealth } from "../sync/monitoring/health";
import { sentenceText } from "../sync/monitoring/verdict";
import type { Finding } from "./finding";

export async function checkSync(): Promise<Finding[]> {
  const { findings, at } = await findHealth();
  return findings.map(({ state, sentence, remedy }) => ({
    check: "Sync",
    state,
    sentence: sentenceText(sentence, at),
    remedy,
  }));
}
