package dev.layercache.server.agent;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ForwardingBlobUpload;
import java.io.IOException;

/** An upload that is committed once the parent has the blob too. */
final class AgentUpload extends ForwardingBlobUpload {
  private final PushThrough pushes;

  AgentUpload(BlobUpload delegate, PushThrough pushes) {
    super(delegate);
    this.pushes = pushes;
  }

  /**
   * As {@link BlobUpload#commit}. When the parent does not take the blob, it is stored here all the
   * same, and the client, which was told so, pushes it again.
   */
  @Override
  public BlobInfo commit(Digest expected) throws IOException {
    var info = delegate.commit(expected);
    pushes.blob(info);
    return info;
  }
}
