package dev.layercache.server.agent;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.fill.Fills;
import dev.layercache.server.mirror.Origins;

/** The parts that an agent has in place of a server's own. Immutable. */
public final class Agent {
  private final Origins origins;
  private final BlobStore blobs;

  /**
   * @param parent stays the caller's to close, after {@code fills}
   * @param store what is here; stays the caller's to close
   * @param fills of {@code store}
   */
  public Agent(Parent parent, BlobStore store, Fills fills, AgentOptions options) {
    var there = new ParentBlobs(parent);
    var pushes = new PushThrough(parent, store);
    this.origins = new ParentOrigins(parent, there, pushes, options.tagTimeToLive());
    this.blobs = new AgentBlobStore(store, fills, parent, there, pushes);
  }

  /** Every repository is a copy of the parent's. */
  public Origins origins() {
    return origins;
  }

  /** What the doors read and take in; closing it does nothing. */
  public BlobStore blobs() {
    return blobs;
  }
}
