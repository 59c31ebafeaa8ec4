// `local-clerk export FILE`: writes the keys and all records of a data folder to one file, which `--import FILE` reads.

import { exportState } from "../store/state-file";

export function exportData({ dataDir, file }: { dataDir: string; file: string }): number {
  exportState(dataDir, file);
  console.log(`Wrote ${file}. It contains secret keys and sessions: treat it like them.`);
  return 0;
}
