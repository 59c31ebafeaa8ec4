/**
 * The rules that find problems. Of two problems of equal severity, the problem of the earlier rule comes first. Each rule returns
 * its finding, or null. Pure.
 */
import { noWorker, provisionings, reconciliation, unreadAtClerk } from "./rules/background";
import {
  clocks,
  connections,
  noDirectUrl,
  partitions,
  readOnly,
  replicaUnused,
  slowDatabase,
} from "./rules/database";
import { deadLetters, partial, pending, quarantined, unreadable } from "./rules/deliveries";
import { effectsDead, effectsLate, effectsUnhandled } from "./rules/effects";
import { erasureCallsFailing, erasuresLate, erasuresPaused, restored } from "./rules/erasures";
import { feedDisabled, feedFailing } from "./rules/feed";
import { keysMismatch, outdatedJwtKey } from "./rules/keys";
import type { Rule } from "./rules/rule";
import {
  brokenStage,
  canaryOverdue,
  clerkAhead,
  late,
  refusedSize,
  refusedTimestamp,
} from "./rules/webhook-path";

/**
 * The rules in the order in which their findings are listed. `quarantined` comes right after the database rules: when most events
 * are from another instance, other problems do not matter.
 */
export const rules: Rule[] = [
  restored,
  readOnly,
  quarantined,
  keysMismatch,
  brokenStage,
  refusedTimestamp,
  clerkAhead,
  deadLetters,
  effectsDead,
  feedDisabled,
  noWorker,
  canaryOverdue,
  outdatedJwtKey,
  reconciliation,
  unreadable,
  unreadAtClerk,
  partial,
  provisionings,
  effectsLate,
  effectsUnhandled,
  feedFailing,
  erasuresPaused,
  erasuresLate,
  erasureCallsFailing,
  clocks,
  late,
  slowDatabase,
  connections,
  noDirectUrl,
  replicaUnused,
  partitions,
  pending,
  refusedSize,
];
