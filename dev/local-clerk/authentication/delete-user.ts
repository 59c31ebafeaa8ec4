// Deletes a user with everything that belongs to it, and emits the events of each deletion.

import type { World } from "../context";
import { removeMembership } from "../organizations/organizations";
import { deletedJson } from "../resources/lists";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { UserRecord } from "../store/records";
import { emit } from "../webhooks/events";

export function deleteUser(world: World, user: UserRecord): void {
  world.state.change(() => {
    for (const session of liveSessionsOfUser(world, user.id)) endSession(world, session, "removed");
    for (const membership of world.state.membershipsByUser.all(user.id)) {
      removeMembership(world, membership, { isImplied: true });
    }
    for (const suggestion of world.state.suggestionsByUser.all(user.id)) {
      world.state.suggestions.drop(suggestion.id);
    }
    if (user.imageId) world.state.images.drop(user.imageId);
    world.state.users.drop(user.id);
    emit(world, "user.deleted", deletedJson("user", user.id));
  });
}
