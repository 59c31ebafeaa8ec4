// Deletes a user with everything that belongs to it, and emits the events of each deletion.

import type { ClerkContext } from "../context";
import { removeMembership } from "../organizations/organizations";
import { deletedJson } from "../resources/lists";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { UserRecord } from "../store/records";
import { emit } from "../webhooks/events";

export function deleteUser(context: ClerkContext, user: UserRecord): void {
  context.state.change(() => {
    for (const session of liveSessionsOfUser(context, user.id))
      endSession(context, session, "removed");
    for (const membership of context.state.membershipsByUser.all(user.id)) {
      removeMembership(context, membership, { isImplied: true });
    }
    for (const suggestion of context.state.suggestionsByUser.all(user.id)) {
      context.state.suggestions.drop(suggestion.id);
    }
    if (user.imageId) context.state.images.drop(user.imageId);
    context.state.users.drop(user.id);
    emit(context, "user.deleted", deletedJson("user", user.id));
  });
}
